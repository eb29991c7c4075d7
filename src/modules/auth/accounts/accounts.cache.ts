import type { Tx } from '../../../platform/database/transaction.js';
import type { Profile, ProfileCounts } from '../auth.contract.js';
import { usernameKey, type Account, type ProfileName } from './account.js';
import type { ProfileChange } from './account.schemas.js';
import {
  AccountsRepository,
  type AccountWithCounts,
  type Inserted,
  type LoginAccount,
  type NewAccount,
} from './accounts.repository.js';
import type { AuthorCache } from './author.cache.js';
import type { ProfileCache } from './profile.cache.js';

/**
 * Accounts whose public profiles are cached: every write that changes what a profile shows forgets
 * it. Reads pass through, because what they return holds more than may leave the database.
 */
export class CachedAccountsRepository extends AccountsRepository {
  constructor(
    private readonly inner: AccountsRepository,
    private readonly profiles: ProfileCache,
    private readonly authors: AuthorCache,
  ) {
    super();
  }

  async insert(tx: Tx, account: NewAccount): Promise<Inserted> {
    const inserted = await this.inner.insert(tx, account);
    const { tenantId, username } = account;
    if (!inserted.conflict)
      await this.profiles.changed([{ tenantId, usernameKey: usernameKey(username) }], tx);
    return inserted;
  }

  async change(tx: Tx, account: Account, change: ProfileChange): Promise<void> {
    await this.inner.change(tx, account, change);
    await this.forget(tx, account);
  }

  async markDeleted(tx: Tx, account: Account): Promise<string[]> {
    await this.forget(tx, account);
    return this.inner.markDeleted(tx, account);
  }

  async restore(tx: Tx, tenantId: string, id: string): Promise<Account | undefined> {
    const account = await this.inner.restore(tx, tenantId, id);
    if (account) await this.forget(tx, account);
    return account;
  }

  async setCounts(counts: readonly ProfileCounts[]): Promise<ProfileName[]> {
    const changed = await this.inner.setCounts(counts);
    await this.profiles.changed(changed);
    return changed;
  }

  findForLogin(tenantId: string, identifier: string): Promise<LoginAccount | undefined> {
    return this.inner.findForLogin(tenantId, identifier);
  }

  holdPassword(tx: Tx, id: string, passwordHash: string): Promise<boolean> {
    return this.inner.holdPassword(tx, id, passwordHash);
  }

  replaceHash(id: string, from: string, to: string): Promise<boolean> {
    return this.inner.replaceHash(id, from, to);
  }

  lock(tx: Tx, tenantId: string, id: string): Promise<AccountWithCounts | undefined> {
    return this.inner.lock(tx, tenantId, id);
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

  /** What it shows by its name, and beside what it wrote. */
  private async forget(tx: Tx, { tenantId, id, username }: Account): Promise<void> {
    await this.profiles.changed([{ tenantId, usernameKey: usernameKey(username) }], tx);
    await this.authors.changed(tenantId, [id], tx);
  }
}
