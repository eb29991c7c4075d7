import type { Tx } from '../../../platform/database/transaction.js';
import type { Profile, ProfileCounts } from '../auth.contract.js';
import { usernameKey, type Account, type ProfileName } from './account.js';
import {
  AccountsRepository,
  type AccountWithCounts,
  type Conflict,
  type NewAccount,
} from './accounts.repository.js';
import type { ProfileCache } from './profile.cache.js';

/**
 * Accounts whose public profiles are cached: every write that changes what a profile shows forgets
 * it. Reads pass through, because what they return holds more than may leave the database.
 */
export class CachedAccountsRepository extends AccountsRepository {
  constructor(
    private readonly inner: AccountsRepository,
    private readonly profiles: ProfileCache,
  ) {
    super();
  }

  async insert(tx: Tx, account: NewAccount): Promise<Conflict | undefined> {
    const conflict = await this.inner.insert(tx, account);
    const { tenantId, username } = account;
    if (!conflict)
      await this.profiles.changed([{ tenantId, usernameKey: usernameKey(username) }], tx);
    return conflict;
  }

  async setCounts(counts: readonly ProfileCounts[]): Promise<ProfileName[]> {
    const changed = await this.inner.setCounts(counts);
    await this.profiles.changed(changed);
    return changed;
  }

  findForLogin(
    tenantId: string,
    identifier: string,
  ): Promise<(Account & { passwordHash: string | null }) | undefined> {
    return this.inner.findForLogin(tenantId, identifier);
  }

  findById(tenantId: string, id: string): Promise<AccountWithCounts | undefined> {
    return this.inner.findById(tenantId, id);
  }

  findByUsername(tenantId: string, username: string): Promise<AccountWithCounts | undefined> {
    return this.inner.findByUsername(tenantId, username);
  }

  profilesByIds(tenantId: string, ids: readonly string[]): Promise<Profile[]> {
    return this.inner.profilesByIds(tenantId, ids);
  }
}
