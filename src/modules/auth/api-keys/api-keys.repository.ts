import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { statement } from '../../../platform/database/statement.js';
import type { Tx } from '../../../platform/database/transaction.js';
import type { Principal } from '../../../platform/security/principal.js';

const KEY = `k.id, k.name, k.scopes, k.created_at AS "createdAt", k.expires_at AS "expiresAt", k.last_used_at AS "lastUsedAt"`;
const LIVING = 'k.revoked_at IS NULL AND k.expires_at > now()';

/** Keys of one account are made one after the other, and none beside a ban: both lock the account. */
const lockOwner = statement(
  'apiKeys.lockOwner',
  `SELECT FROM auth.users WHERE tenant_id = $1 AND id = $2 AND banned_at IS NULL AND deleted_at IS NULL
   FOR NO KEY UPDATE`,
);
const countLiving = statement(
  'apiKeys.countLiving',
  `SELECT count(*)::int AS count FROM auth.api_keys k WHERE k.user_id = $1 AND ${LIVING}`,
);
const insert = statement(
  'apiKeys.insert',
  `INSERT INTO auth.api_keys AS k (id, tenant_id, user_id, name, hash, scopes, expires_at)
   VALUES ($1, $2, $3, $4, $5, $6, now() + make_interval(days => $7)) RETURNING ${KEY}`,
);
const list = statement(
  'apiKeys.list',
  `SELECT ${KEY} FROM auth.api_keys k
   WHERE k.tenant_id = $1 AND k.user_id = $2 AND ${LIVING} AND ($3::uuid IS NULL OR k.id < $3)
   ORDER BY k.id DESC LIMIT $4`,
);
const revoke = statement(
  'apiKeys.revoke',
  `WITH found AS (
     SELECT id, revoked_at FROM auth.api_keys WHERE tenant_id = $1 AND user_id = $2 AND id = $3 FOR UPDATE
   ), revoked AS (
     UPDATE auth.api_keys k SET revoked_at = now() FROM found WHERE k.id = found.id AND found.revoked_at IS NULL
   )
   SELECT revoked_at IS NULL AS "isNew" FROM found`,
);
const livingIds = statement(
  'apiKeys.livingIds',
  `SELECT k.id FROM auth.api_keys k WHERE k.user_id = $1 AND ${LIVING}`,
);
const revokeAll = statement(
  'apiKeys.revokeAll',
  `UPDATE auth.api_keys k SET revoked_at = now() WHERE k.user_id = $1 AND ${LIVING} RETURNING k.id`,
);
const principalOf = statement(
  'apiKeys.principalOf',
  `SELECT k.user_id AS "userId", k.tenant_id AS "tenantId", k.id AS "sessionId", u.roles, k.scopes,
     extract(epoch FROM clock_timestamp())::float8 AS "issuedAt", floor(extract(epoch FROM k.expires_at))::float8 AS "expiresAt"
   FROM auth.api_keys k JOIN auth.users u ON u.id = k.user_id
   WHERE k.hash = $1 AND ${LIVING} AND u.banned_at IS NULL AND u.deleted_at IS NULL`,
);
const noteUse = statement(
  'apiKeys.noteUse',
  `UPDATE auth.api_keys SET last_used_at = now()
   WHERE id = ANY ($1::uuid[]) AND (last_used_at IS NULL OR last_used_at < now() - interval '50 seconds')`,
);

/** Without an index of its own: there are few keys, and this looks at them once an hour. */
const prune = statement(
  'apiKeys.prune',
  `DELETE FROM auth.api_keys WHERE id = ANY (ARRAY(
     SELECT id FROM auth.api_keys WHERE least(revoked_at, expires_at) < now() - interval '30 days' LIMIT $1
   ))`,
);

export interface StoredApiKey {
  id: string;
  name: string;
  scopes: string[];
  createdAt: Date;
  expiresAt: Date;
  lastUsedAt: Date | null;
}

export interface NewApiKey {
  id: string;
  tenantId: string;
  userId: string;
  name: string;
  hash: Buffer;
  scopes: readonly string[];
  days: number;
}

/** API keys: of the keys themselves only hashes. */
export abstract class ApiKeysRepository {
  /** Makes the keys of an account wait for each other. @returns false where the account may have none */
  abstract lockOwner(tx: Tx, tenantId: string, userId: string): Promise<boolean>;
  /** Keys that are neither revoked nor expired. */
  abstract countLiving(tx: Tx, userId: string): Promise<number>;
  abstract insert(tx: Tx, key: NewApiKey): Promise<StoredApiKey>;
  /** Living keys before an id, newest first. */
  abstract list(
    tenantId: string,
    userId: string,
    before: string | undefined,
    limit: number,
  ): Promise<StoredApiKey[]>;
  /** @returns undefined where the account has no such key */
  abstract revoke(
    tx: Tx,
    tenantId: string,
    userId: string,
    id: string,
  ): Promise<'revoked' | 'was revoked' | undefined>;
  /** @returns the ids of those that were living until now */
  abstract revokeAll(tx: Tx, userId: string): Promise<string[]>;
  /** The ids of an account's living keys. */
  abstract livingIds(tx: Tx, userId: string): Promise<string[]>;
  /**
   * Who calls with the key of this hash (SHA-256), with the roles that the account has now; undefined
   * for one that is unknown, revoked or expired, or whose account is banned or deleted.
   */
  abstract principalOf(hash: Buffer): Promise<Principal | undefined>;
  /** Notes that keys are in use now, where that was not noted in the last 50 s; other ids are nothing. */
  abstract noteUse(ids: readonly string[]): Promise<void>;
  /** Forgets keys that were revoked or expired 30 days ago, at most `limit`. @returns how many */
  abstract prune(limit: number): Promise<number>;
}

@Injectable()
export class PgApiKeysRepository extends ApiKeysRepository {
  constructor(private readonly database: Database) {
    super();
  }

  async lockOwner(tx: Tx, tenantId: string, userId: string): Promise<boolean> {
    return (await tx.query(lockOwner, [tenantId, userId])).length > 0;
  }

  async countLiving(tx: Tx, userId: string): Promise<number> {
    return (await tx.query<{ count: number }>(countLiving, [userId]))[0]?.count ?? 0;
  }

  async insert(tx: Tx, key: NewApiKey): Promise<StoredApiKey> {
    const { id, tenantId, userId, name, hash, scopes, days } = key;
    const values = [id, tenantId, userId, name, hash, scopes, days];
    const [stored] = await tx.query<StoredApiKey & Record<string, unknown>>(insert, values);
    if (!stored) throw new Error('an API key was inserted and not returned');
    return stored;
  }

  list(
    tenantId: string,
    userId: string,
    before: string | undefined,
    limit: number,
  ): Promise<StoredApiKey[]> {
    const values = [tenantId, userId, before ?? null, limit];
    return this.database.read<StoredApiKey & Record<string, unknown>>(list, values);
  }

  async revoke(
    tx: Tx,
    tenantId: string,
    userId: string,
    id: string,
  ): Promise<'revoked' | 'was revoked' | undefined> {
    const [found] = await tx.query<{ isNew: boolean }>(revoke, [tenantId, userId, id]);
    if (!found) return undefined;
    return found.isNew ? 'revoked' : 'was revoked';
  }

  async revokeAll(tx: Tx, userId: string): Promise<string[]> {
    return (await tx.query<{ id: string }>(revokeAll, [userId])).map(({ id }) => id);
  }

  async livingIds(tx: Tx, userId: string): Promise<string[]> {
    return (await tx.query<{ id: string }>(livingIds, [userId])).map(({ id }) => id);
  }

  async principalOf(hash: Buffer): Promise<Principal | undefined> {
    const [principal] = await this.database.readFresh<Principal & Record<string, unknown>>(
      principalOf,
      [hash],
    );
    return principal;
  }

  async noteUse(ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await this.database.execute(noteUse, [ids]);
  }

  prune(limit: number): Promise<number> {
    return this.database.execute(prune, [limit]);
  }
}
