import type { Tx } from '../../../platform/database/transaction.js';
import { usernameKey } from '../accounts/account.js';
import type { ProfileCache } from '../accounts/profile.cache.js';
import {
  AdminUsersRepository,
  type ManagedUser,
  type UserFilter,
  type UserState,
} from './admin-users.repository.js';

/** Whether there is a public profile may change with what an administrator decides: it is forgotten. */
export class CachedAdminUsersRepository extends AdminUsersRepository {
  constructor(
    private readonly inner: AdminUsersRepository,
    private readonly profiles: ProfileCache,
  ) {
    super();
  }

  async change(tx: Tx, tenantId: string, id: string, state: UserState): Promise<ManagedUser> {
    const user = await this.inner.change(tx, tenantId, id, state);
    await this.profiles.changed([{ tenantId, usernameKey: usernameKey(user.username) }], tx);
    return user;
  }

  list(
    tenantId: string,
    filter: UserFilter,
    before: string | undefined,
    limit: number,
  ): Promise<ManagedUser[]> {
    return this.inner.list(tenantId, filter, before, limit);
  }

  find(tenantId: string, id: string): Promise<ManagedUser | undefined> {
    return this.inner.find(tenantId, id);
  }

  lockTenant(tx: Tx, tenantId: string): Promise<void> {
    return this.inner.lockTenant(tx, tenantId);
  }

  lock(tx: Tx, tenantId: string, id: string): Promise<ManagedUser | undefined> {
    return this.inner.lock(tx, tenantId, id);
  }

  lockByEmail(tx: Tx, tenantId: string, email: string): Promise<ManagedUser | undefined> {
    return this.inner.lockByEmail(tx, tenantId, email);
  }

  countAdmins(tx: Tx, tenantId: string): Promise<number> {
    return this.inner.countAdmins(tx, tenantId);
  }
}
