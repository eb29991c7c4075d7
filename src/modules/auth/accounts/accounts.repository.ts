import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { statement } from '../../../platform/database/statement.js';
import type { Tx } from '../../../platform/database/transaction.js';
import type { Profile, ProfileCounts } from '../auth.contract.js';
import { emailKey, usernameKey, type Account, type ProfileName } from './account.js';

const ACCOUNT = `u.id, u.tenant_id AS "tenantId", u.email, u.username, u.display_name AS "displayName", u.bio,
  u.avatar_url AS "avatarUrl", u.roles, u.created_at AS "createdAt"`;
const PROFILE = `u.id, u.username, u.display_name AS "displayName", u.avatar_url AS "avatarUrl"`;
const COUNTS = `coalesce(c.posts, 0) AS posts, coalesce(c.followers, 0) AS followers, coalesce(c.following, 0) AS following`;

const insert = statement(
  'accounts.insert',
  `INSERT INTO auth.users (id, tenant_id, email, email_key, username, username_key, display_name, password_hash)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`,
);
const conflicts = statement(
  'accounts.conflicts',
  `SELECT bool_or(username_key = $2) AS username, bool_or(email_key = $3) AS email,
     (array_agg(id) FILTER (WHERE email_key = $3))[1] AS owner
   FROM auth.users WHERE tenant_id = $1 AND (username_key = $2 OR email_key = $3)`,
);
const findForLogin = statement(
  'accounts.findForLogin',
  `SELECT ${ACCOUNT}, u.password_hash AS "passwordHash" FROM auth.users u
   WHERE u.tenant_id = $1 AND (u.username_key = $2 OR u.email_key = $3)
   ORDER BY u.username_key = $2 DESC LIMIT 1`,
);
const findById = statement(
  'accounts.findById',
  `SELECT ${ACCOUNT}, ${COUNTS} FROM auth.users u LEFT JOIN auth.profile_counts c ON c.user_id = u.id
   WHERE u.tenant_id = $1 AND u.id = $2`,
);
const findByUsername = statement(
  'accounts.findByUsername',
  `SELECT ${ACCOUNT}, ${COUNTS} FROM auth.users u LEFT JOIN auth.profile_counts c ON c.user_id = u.id
   WHERE u.tenant_id = $1 AND u.username_key = $2`,
);
const profilesByIds = statement(
  'accounts.profilesByIds',
  `SELECT ${PROFILE} FROM auth.users u WHERE u.tenant_id = $1 AND u.id = ANY($2::uuid[])`,
);
const setCounts = statement(
  'accounts.setCounts',
  `WITH n AS (
     SELECT u.tenant_id, u.username_key, c.*
     FROM unnest($1::uuid[], $2::int[], $3::int[], $4::int[]) AS c (user_id, posts, followers, following)
     JOIN auth.users u ON u.id = c.user_id
   ),
   written AS (
     INSERT INTO auth.profile_counts (user_id, posts, followers, following)
     SELECT user_id, posts, followers, following FROM n
     ON CONFLICT (user_id) DO UPDATE
     SET posts = excluded.posts, followers = excluded.followers, following = excluded.following
   )
   SELECT tenant_id AS "tenantId", username_key AS "usernameKey" FROM n`,
);

export interface NewAccount {
  id: string;
  tenantId: string;
  email: string;
  username: string;
  displayName: string;
  /** Null for an account that is only signed in to elsewhere. */
  passwordHash: string | null;
}

/** What another account has already. */
export interface Conflict {
  username: boolean;
  email: boolean;
  /** The account that has the address. */
  owner: string | null;
}

export type AccountWithCounts = Account & Omit<ProfileCounts, 'userId'>;

/** Accounts and their public numbers. */
export abstract class AccountsRepository {
  /** @returns what stood in the way, or undefined when the account was created */
  abstract insert(tx: Tx, account: NewAccount): Promise<Conflict | undefined>;
  /** By user name or e-mail address; a user name goes before an address. */
  abstract findForLogin(
    tenantId: string,
    identifier: string,
  ): Promise<(Account & { passwordHash: string | null }) | undefined>;
  abstract findById(tenantId: string, id: string): Promise<AccountWithCounts | undefined>;
  abstract findByUsername(
    tenantId: string,
    username: string,
  ): Promise<AccountWithCounts | undefined>;
  abstract profilesByIds(tenantId: string, ids: readonly string[]): Promise<Profile[]>;
  /** @returns whose profiles show other numbers now */
  abstract setCounts(counts: readonly ProfileCounts[]): Promise<ProfileName[]>;
}

@Injectable()
export class PgAccountsRepository extends AccountsRepository {
  constructor(private readonly database: Database) {
    super();
  }

  async insert(tx: Tx, account: NewAccount): Promise<Conflict | undefined> {
    const names = [usernameKey(account.username), emailKey(account.email)] as const;
    const created = await tx.execute(insert, [
      account.id,
      account.tenantId,
      account.email,
      names[1],
      account.username,
      names[0],
      account.displayName,
      account.passwordHash,
    ]);
    if (created === 1) return undefined;
    const [found] = await tx.query<Conflict & Record<string, unknown>>(conflicts, [
      account.tenantId,
      ...names,
    ]);
    return found ?? { username: false, email: false, owner: null };
  }

  async findForLogin(
    tenantId: string,
    identifier: string,
  ): Promise<(Account & { passwordHash: string | null }) | undefined> {
    const [account] = await this.database.readFresh<Account & { passwordHash: string | null }>(
      findForLogin,
      [tenantId, usernameKey(identifier), emailKey(identifier)],
    );
    return account;
  }

  async findById(tenantId: string, id: string): Promise<AccountWithCounts | undefined> {
    return (await this.database.readFresh<AccountWithCounts>(findById, [tenantId, id]))[0];
  }

  async findByUsername(tenantId: string, username: string): Promise<AccountWithCounts | undefined> {
    return (
      await this.database.readFresh<AccountWithCounts>(findByUsername, [
        tenantId,
        usernameKey(username),
      ])
    )[0];
  }

  profilesByIds(tenantId: string, ids: readonly string[]): Promise<Profile[]> {
    return this.database.readFresh<Profile & Record<string, unknown>>(profilesByIds, [
      tenantId,
      ids,
    ]);
  }

  setCounts(counts: readonly ProfileCounts[]): Promise<ProfileName[]> {
    return this.database.query<ProfileName & Record<string, unknown>>(setCounts, [
      counts.map((count) => count.userId),
      counts.map((count) => count.posts),
      counts.map((count) => count.followers),
      counts.map((count) => count.following),
    ]);
  }
}
