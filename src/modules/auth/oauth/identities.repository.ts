import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { statement } from '../../../platform/database/statement.js';
import type { Tx } from '../../../platform/database/transaction.js';
import { emailKey } from '../accounts/account.js';
import type { ProviderName } from './provider.js';

const IDENTITY = `id, provider, email, created_at AS "createdAt", last_used_at AS "lastUsedAt"`;
const OWNER = `u.id, u.tenant_id AS "tenantId", u.roles, u.email_key AS "emailKey", u.email_verified_at IS NOT NULL AS "isVerified",
  u.banned_at IS NOT NULL AS "isBanned", u.deleted_at IS NOT NULL AS "isDeleted",
  u.password_hash IS NOT NULL AS "hasPassword"`;

// The owner's row is locked, so that it is neither banned, deleted nor unlinked while somebody signs in.
const findOwner = statement(
  'identities.findOwner',
  `SELECT ${OWNER} FROM auth.identities i JOIN auth.users u ON u.id = i.user_id
   WHERE i.tenant_id = $1 AND i.provider = $2 AND i.subject = $3 FOR NO KEY UPDATE OF u`,
);
const findOwnerByEmail = statement(
  'identities.findOwnerByEmail',
  `SELECT ${OWNER} FROM auth.users u WHERE u.tenant_id = $1 AND u.email_key = $2 FOR NO KEY UPDATE OF u`,
);
const findOwnerById = statement(
  'identities.findOwnerById',
  `SELECT ${OWNER} FROM auth.users u WHERE u.tenant_id = $1 AND u.id = $2 FOR NO KEY UPDATE OF u`,
);
const markVerified = statement(
  'identities.markVerified',
  `UPDATE auth.users SET email_verified_at = now() WHERE id = $1`,
);
const insert = statement(
  'identities.insert',
  `INSERT INTO auth.identities (id, tenant_id, user_id, provider, subject, email)
   VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING ${IDENTITY}`,
);
const use = statement(
  'identities.use',
  `UPDATE auth.identities SET last_used_at = now(), email = coalesce($4, email)
   WHERE tenant_id = $1 AND provider = $2 AND subject = $3 RETURNING ${IDENTITY}`,
);
const list = statement(
  'identities.list',
  `SELECT ${IDENTITY} FROM auth.identities
   WHERE user_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`,
);
const count = statement(
  'identities.count',
  `SELECT count(*)::int AS count FROM auth.identities WHERE user_id = $1`,
);
const removeAll = statement(
  'identities.removeAll',
  'DELETE FROM auth.identities WHERE user_id = $1',
);
const remove = statement(
  'identities.remove',
  `DELETE FROM auth.identities WHERE user_id = $1 AND id = $2 RETURNING provider`,
);

/** An account elsewhere by which somebody signs in here. */
export interface Identity {
  id: string;
  provider: ProviderName;
  /** The address that it last had there. */
  email: string;
  createdAt: Date;
  lastUsedAt: Date;
}

export interface NewIdentity {
  id: string;
  tenantId: string;
  userId: string;
  provider: ProviderName;
  /** The provider's own id of the account. */
  subject: string;
  email: string;
}

/** Which account elsewhere is meant. */
export type IdentityKey = Pick<NewIdentity, 'tenantId' | 'provider' | 'subject'>;

/** An account here, as far as it matters to who may sign in to it. */
export interface Owner {
  id: string;
  tenantId: string;
  roles: string[];
  /** Its e-mail address as it compares. */
  emailKey: string;
  /** Whether its owner has shown that the e-mail address is theirs. */
  isVerified: boolean;
  isBanned: boolean;
  isDeleted: boolean;
  hasPassword: boolean;
}

/** Identities, and what of the accounts behind them decides about signing in. Owners are locked. */
export abstract class IdentitiesRepository {
  abstract findOwner(tx: Tx, key: IdentityKey): Promise<Owner | undefined>;
  abstract findOwnerByEmail(tx: Tx, tenantId: string, email: string): Promise<Owner | undefined>;
  abstract findOwnerById(tx: Tx, tenantId: string, id: string): Promise<Owner | undefined>;
  /** The account's e-mail address is known to be its owner's. */
  abstract markVerified(tx: Tx, userId: string): Promise<void>;
  /** @returns undefined when it belongs to an account already */
  abstract insert(tx: Tx, identity: NewIdentity): Promise<Identity | undefined>;
  /** Notes that it was used now, and the address that it has now. */
  abstract use(tx: Tx, key: IdentityKey, email: string | undefined): Promise<Identity | undefined>;
  /** Newest first. */
  abstract list(userId: string, before: string | undefined, limit: number): Promise<Identity[]>;
  abstract count(tx: Tx, userId: string): Promise<number>;
  /** Removes all of them. */
  abstract removeAll(tx: Tx, userId: string): Promise<void>;
  /** @returns whose provider it was; undefined when the account has no such identity */
  abstract remove(tx: Tx, userId: string, id: string): Promise<ProviderName | undefined>;
}

type Row<T> = T & Record<string, unknown>;

@Injectable()
export class PgIdentitiesRepository extends IdentitiesRepository {
  constructor(private readonly database: Database) {
    super();
  }

  async findOwner(tx: Tx, key: IdentityKey): Promise<Owner | undefined> {
    return (await tx.query<Row<Owner>>(findOwner, [key.tenantId, key.provider, key.subject]))[0];
  }

  async findOwnerByEmail(tx: Tx, tenantId: string, email: string): Promise<Owner | undefined> {
    return (await tx.query<Row<Owner>>(findOwnerByEmail, [tenantId, emailKey(email)]))[0];
  }

  async findOwnerById(tx: Tx, tenantId: string, id: string): Promise<Owner | undefined> {
    return (await tx.query<Row<Owner>>(findOwnerById, [tenantId, id]))[0];
  }

  async markVerified(tx: Tx, userId: string): Promise<void> {
    await tx.execute(markVerified, [userId]);
  }

  async insert(tx: Tx, identity: NewIdentity): Promise<Identity | undefined> {
    const { id, tenantId, userId, provider, subject, email } = identity;
    const values = [id, tenantId, userId, provider, subject, email];
    return (await tx.query<Row<Identity>>(insert, values))[0];
  }

  async use(tx: Tx, key: IdentityKey, email: string | undefined): Promise<Identity | undefined> {
    const values = [key.tenantId, key.provider, key.subject, email ?? null];
    return (await tx.query<Row<Identity>>(use, values))[0];
  }

  list(userId: string, before: string | undefined, limit: number): Promise<Identity[]> {
    return this.database.readFresh<Row<Identity>>(list, [userId, before ?? null, limit]);
  }

  async removeAll(tx: Tx, userId: string): Promise<void> {
    await tx.execute(removeAll, [userId]);
  }

  async count(tx: Tx, userId: string): Promise<number> {
    return (await tx.query<{ count: number }>(count, [userId]))[0]?.count ?? 0;
  }

  async remove(tx: Tx, userId: string, id: string): Promise<ProviderName | undefined> {
    return (await tx.query<{ provider: ProviderName }>(remove, [userId, id]))[0]?.provider;
  }
}
