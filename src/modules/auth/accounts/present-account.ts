import type { AccountWithCounts } from './accounts.repository.js';
import type { OwnProfile, PublicProfile } from './account.schemas.js';

export function presentPublic(account: AccountWithCounts): PublicProfile {
  const { id, username, displayName, bio, avatarUrl, createdAt, posts, followers, following } =
    account;
  return {
    id,
    username,
    displayName,
    bio,
    avatarUrl,
    createdAt: createdAt.toISOString(),
    counts: { posts, followers, following },
  };
}

export function presentOwn(account: AccountWithCounts): OwnProfile {
  const { email, emailVerified, roles } = account;
  return { ...presentPublic(account), email, emailVerified, roles };
}
