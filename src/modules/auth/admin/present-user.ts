import type { AdminUser } from './admin-user.schemas.js';
import type { ManagedUser } from './admin-users.repository.js';

export function presentUser(user: ManagedUser): AdminUser {
  const { id, username, displayName, email, emailVerified, roles, banReason } = user;
  return {
    ...{ id, username, displayName, email, emailVerified, roles },
    banned: user.bannedAt !== null,
    banReason,
    bannedAt: user.bannedAt?.toISOString() ?? null,
    deletedAt: user.deletedAt?.toISOString() ?? null,
    createdAt: user.createdAt.toISOString(),
  };
}
