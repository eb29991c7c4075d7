import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { statement } from '../../../platform/database/statement.js';
import type { Tx } from '../../../platform/database/transaction.js';
import type { Profile, ProfileCounts } from '../auth.contract.js';
import { emailKey, usernameKey, type Account, type ProfileName } from './account.js';
import type { ProfileChange } from './account.schemas.js';
import { usernameSkeleton } from './username-skeleton.js';

const ACCOUNT = `u.id, u.tenant_id AS "tenantId", u.email, u.username, u.display_name AS "displayName", u.bio,
  u.avatar_url AS "avatarUrl", u.roles, u.created_at AS "createdAt",
  u.email_verified_at IS NOT NULL AS "emailVerified"`;
const PROFILE = `u.id, u.username, u.display_name AS "displayName", u.avatar_url AS "avatarUrl"`;
const COUNTS = `coalesce(c.posts, 0) AS posts, coalesce(c.followers, 0) AS followers, coalesce(c.following, 0) AS following`;

const insert = statement(
  'accounts.insert',
  `INSERT INTO auth.users (id, tenant_id, email, email_key, username, username_key, display_name, password_hash,
     username_skeleton, email_verified_at)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, CASE WHEN $10::boolean THEN now() END) ON CONFLICT DO NOTHING
   RETURNING created_at AS "createdAt"`,
);
const conflicts = statement(
  'accounts.conflicts',
  `SELECT coalesce(bool_or(username_key = $2 OR username_skeleton = $4), false) AS username,
     coalesce(bool_or(email_key = $3), false) AS email, (array_agg(id) FILTER (WHERE email_key = $3))[1] AS owner
   FROM auth.users WHERE tenant_id = $1 AND (username_key = $2 OR email_key = $3 OR username_skeleton = $4)`,
);
const findForLogin = statement(
  'accounts.findForLogin',
  `SELECT ${ACCOUNT}, u.password_hash AS "passwordHash" FROM auth.users u
   WHERE u.tenant_id = $1 AND (u.username_key = $2 OR u.email_key = $3) AND u.deleted_at IS NULL
   ORDER BY u.username_key = $2 DESC LIMIT 1`,
);
const findById = statement(
  'accounts.findById',
  `SELECT ${ACCOUNT}, ${COUNTS} FROM auth.users u LEFT JOIN auth.profile_counts c ON c.user_id = u.id
   WHERE u.tenant_id = $1 AND u.id = $2 AND u.deleted_at IS NULL`,
);
const lock = statement(
  'accounts.lock',
  `SELECT ${ACCOUNT}, ${COUNTS} FROM auth.users u LEFT JOIN auth.profile_counts c ON c.user_id = u.id
   WHERE u.tenant_id = $1 AND u.id = $2 AND u.deleted_at IS NULL FOR NO KEY UPDATE OF u`,
);
const hold = statement(
  'accounts.holdPassword',
  `SELECT 1 FROM auth.users WHERE id = $1 AND password_hash = $2 AND deleted_at IS NULL FOR SHARE`,
);
const replaceHash = statement(
  'accounts.replaceHash',
  `UPDATE auth.users SET password_hash = $3 WHERE id = $1 AND password_hash = $2 AND deleted_at IS NULL`,
);
const change = statement(
  'accounts.change',
  `UPDATE auth.users u SET display_name = coalesce($2, display_name), bio = coalesce($3, bio),
     avatar_url = CASE WHEN $4::boolean THEN $5 ELSE avatar_url END, updated_at = now()
   WHERE u.id = $1`,
);
const markDeleted = statement(
  'accounts.markDeleted',
  `WITH tokens AS (DELETE FROM auth.one_time_tokens WHERE user_id = $1),
   keys AS (
     UPDATE auth.api_keys SET revoked_at = now()
     WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > now() RETURNING id
   ),
   gone AS (UPDATE auth.users SET deleted_at = now(), wanted_email = NULL, updated_at = now() WHERE id = $1)
   SELECT id FROM keys`,
);
const restore = statement(
  'accounts.restore',
  `UPDATE auth.users u SET deleted_at = NULL, updated_at = now()
   WHERE u.tenant_id = $1 AND u.id = $2 AND u.deleted_at IS NOT NULL RETURNING ${ACCOUNT}`,
);
const findByUsername = statement(
  'accounts.findByUsername',
  `SELECT ${ACCOUNT}, ${COUNTS} FROM auth.users u LEFT JOIN auth.profile_counts c ON c.user_id = u.id
   WHERE u.tenant_id = $1 AND u.username_key = $2 AND u.deleted_at IS NULL`,
);
const profilesByIds = statement(
  'accounts.profilesByIds',
  `SELECT ${PROFILE} FROM auth.users u
   WHERE u.tenant_id = $1 AND u.id = ANY($2::uuid[]) AND u.deleted_at IS NULL`,
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
  /** Null for an account that signs in elsewhere. */
  passwordHash: string | null;
  /** Whether somebody else has proven that the address is its owner's. */
  emailVerified?: boolean;
}

/** What another account has already. */
export interface Conflict {
  username: boolean;
  email: boolean;
  /** The account that has the address. */
  owner: string | null;
}

/** When the account was created, or what stood in the way of it. */
export type Inserted =
  { createdAt: Date; conflict?: never } | { conflict: Conflict; createdAt?: never };

export type AccountWithCounts = Account & Omit<ProfileCounts, 'userId'>;

/** An account that may log in. */
export type LoginAccount = Account & {
  /** null where there is no password: none fits. */
  passwordHash: string | null;
};

/** Accounts and their public numbers. Accounts that were deleted are in no answer. */
export abstract class AccountsRepository {
  abstract insert(tx: Tx, account: NewAccount): Promise<Inserted>;
  /** By user name or e-mail address; a user name goes before an address. */
  abstract findForLogin(tenantId: string, identifier: string): Promise<LoginAccount | undefined>;
  abstract findById(tenantId: string, id: string): Promise<AccountWithCounts | undefined>;
  /** The same as `findById`, and nobody else changes or deletes it until the transaction ends. */
  abstract lock(tx: Tx, tenantId: string, id: string): Promise<AccountWithCounts | undefined>;
  /**
   * Whether this is still the hash of the account, which then stays so until the transaction ends: no
   * session is opened by a password that was changed, or for an account that was deleted, meanwhile.
   */
  abstract holdPassword(tx: Tx, id: string, passwordHash: string): Promise<boolean>;
  /** Replaces that very hash and no other. @returns whether it was still there */
  abstract replaceHash(id: string, from: string, to: string): Promise<boolean>;
  abstract change(tx: Tx, account: Account, change: ProfileChange): Promise<void>;
  /**
   * Its links in mails and its API keys are worth nothing any more, also if it is restored.
   *
   * @returns the ids of the API keys that were good until now
   */
  abstract markDeleted(tx: Tx, account: Account): Promise<string[]>;
  /** @returns the account, undefined when there is none that was deleted */
  abstract restore(tx: Tx, tenantId: string, id: string): Promise<Account | undefined>;
  abstract findByUsername(
    tenantId: string,
    username: string,
  ): Promise<AccountWithCounts | undefined>;
  abstract profilesByIds(tenantId: string, ids: readonly string[]): Promise<Profile[]>;
  /** @returns whose profiles show other numbers now */
  abstract setCounts(counts: readonly ProfileCounts[]): Promise<ProfileName[]>;
}

type Row = Record<string, unknown>;

@Injectable()
export class PgAccountsRepository extends AccountsRepository {
  constructor(private readonly database: Database) {
    super();
  }

  async insert(tx: Tx, account: NewAccount): Promise<Inserted> {
    const names = [usernameKey(account.username), emailKey(account.email)] as const;
    const skeleton = usernameSkeleton(account.username);
    const [created] = await tx.query<{ createdAt: Date }>(insert, [
      account.id,
      account.tenantId,
      account.email,
      names[1],
      account.username,
      names[0],
      account.displayName,
      account.passwordHash,
      skeleton,
      account.emailVerified ?? false,
    ]);
    if (created) return created;
    const [conflict] = await tx.query<Conflict & Record<string, unknown>>(conflicts, [
      account.tenantId,
      ...names,
      skeleton,
    ]);
    return { conflict: conflict ?? { username: false, email: false, owner: null } };
  }

  async findForLogin(tenantId: string, identifier: string): Promise<LoginAccount | undefined> {
    const values = [tenantId, usernameKey(identifier), emailKey(identifier)];
    return (await this.database.readFresh<LoginAccount & Row>(findForLogin, values))[0];
  }

  async findById(tenantId: string, id: string): Promise<AccountWithCounts | undefined> {
    return (await this.database.readFresh<AccountWithCounts>(findById, [tenantId, id]))[0];
  }

  async lock(tx: Tx, tenantId: string, id: string): Promise<AccountWithCounts | undefined> {
    return (await tx.query<AccountWithCounts & Row>(lock, [tenantId, id]))[0];
  }

  async holdPassword(tx: Tx, id: string, passwordHash: string): Promise<boolean> {
    return (await tx.query(hold, [id, passwordHash])).length === 1;
  }

  async replaceHash(id: string, from: string, to: string): Promise<boolean> {
    return (await this.database.execute(replaceHash, [id, from, to])) === 1;
  }

  async change(tx: Tx, { id }: Account, { displayName, bio, avatarUrl }: ProfileChange) {
    const avatar = [avatarUrl !== undefined, avatarUrl ?? null];
    await tx.execute(change, [id, displayName ?? null, bio ?? null, ...avatar]);
  }

  async markDeleted(tx: Tx, { id }: Account): Promise<string[]> {
    return (await tx.query<{ id: string }>(markDeleted, [id])).map((key) => key.id);
  }

  async restore(tx: Tx, tenantId: string, id: string): Promise<Account | undefined> {
    return (await tx.query<Account & Row>(restore, [tenantId, id]))[0];
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
