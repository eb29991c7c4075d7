import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { statement } from '../../../platform/database/statement.js';
import type { Tx } from '../../../platform/database/transaction.js';
import { emailKey, usernameKey } from '../accounts/account.js';

const USER = `u.id, u.username, u.display_name AS "displayName", u.email, u.email_verified_at IS NOT NULL AS "emailVerified",
  u.roles, u.banned_at AS "bannedAt", u.ban_reason AS "banReason", u.deleted_at AS "deletedAt", u.created_at AS "createdAt"`;

const list = statement(
  'adminUsers.list',
  `SELECT ${USER} FROM auth.users u
   WHERE u.tenant_id = $1 AND ($2::uuid IS NULL OR u.id < $2)
     AND ($3::text IS NULL OR u.username_key LIKE $3 OR u.email_key = $4)
     AND ($5::text IS NULL OR $5 = ANY (u.roles)) AND ($6::boolean IS NULL OR (u.banned_at IS NOT NULL) = $6)
   ORDER BY u.id DESC LIMIT $7`,
);
const find = statement(
  'adminUsers.find',
  `SELECT ${USER} FROM auth.users u WHERE u.tenant_id = $1 AND u.id = $2`,
);
/** Changes of a tenant's administrators come one after the other, or two could take the role from each other. */
const lockTenant = statement(
  'adminUsers.lockTenant',
  'SELECT FROM auth.tenants WHERE id = $1 FOR NO KEY UPDATE',
);
const lock = statement(
  'adminUsers.lock',
  `SELECT ${USER} FROM auth.users u WHERE u.tenant_id = $1 AND u.id = $2 FOR NO KEY UPDATE`,
);
const lockByEmail = statement(
  'adminUsers.lockByEmail',
  `SELECT ${USER} FROM auth.users u WHERE u.tenant_id = $1 AND u.email_key = $2 FOR NO KEY UPDATE`,
);
const countAdmins = statement(
  'adminUsers.countAdmins',
  `SELECT count(*)::int AS count FROM auth.users
   WHERE tenant_id = $1 AND 'admin' = ANY (roles) AND banned_at IS NULL AND deleted_at IS NULL`,
);
const change = statement(
  'adminUsers.change',
  `UPDATE auth.users u SET roles = $3, banned_at = CASE WHEN $4 THEN coalesce(u.banned_at, now()) END, ban_reason = $5,
     deleted_at = CASE WHEN $6 THEN u.deleted_at END, updated_at = now()
   WHERE u.tenant_id = $1 AND u.id = $2 RETURNING ${USER}`,
);

/** An account as administrators see it. */
export interface ManagedUser {
  id: string;
  username: string;
  displayName: string;
  email: string;
  emailVerified: boolean;
  roles: string[];
  bannedAt: Date | null;
  banReason: string | null;
  deletedAt: Date | null;
  createdAt: Date;
}

export interface UserFilter {
  /** The beginning of a user name, or a whole address. */
  q?: string | undefined;
  role?: string | undefined;
  banned?: boolean | undefined;
}

/** What an administrator decides about an account. */
export interface UserState {
  roles: readonly string[];
  banned: boolean;
  banReason: string | null;
  deleted: boolean;
}

/** Accounts of a tenant, for its administrators. */
export abstract class AdminUsersRepository {
  /** Accounts before an id, newest first. */
  abstract list(
    tenantId: string,
    filter: UserFilter,
    before: string | undefined,
    limit: number,
  ): Promise<ManagedUser[]>;
  abstract find(tenantId: string, id: string): Promise<ManagedUser | undefined>;
  /** Makes changes of the tenant's administrators wait for each other; take it before the account's lock. */
  abstract lockTenant(tx: Tx, tenantId: string): Promise<void>;
  /** No session of it can be opened until the transaction is over. */
  abstract lock(tx: Tx, tenantId: string, id: string): Promise<ManagedUser | undefined>;
  abstract lockByEmail(tx: Tx, tenantId: string, email: string): Promise<ManagedUser | undefined>;
  /** Administrators who can log in. */
  abstract countAdmins(tx: Tx, tenantId: string): Promise<number>;
  /** @returns the account as it is now */
  abstract change(tx: Tx, tenantId: string, id: string, state: UserState): Promise<ManagedUser>;
}

type Row = ManagedUser & Record<string, unknown>;

@Injectable()
export class PgAdminUsersRepository extends AdminUsersRepository {
  constructor(private readonly database: Database) {
    super();
  }

  list(
    tenantId: string,
    { q, role, banned }: UserFilter,
    before: string | undefined,
    limit: number,
  ): Promise<ManagedUser[]> {
    const prefix = q === undefined ? null : `${usernameKey(q).replace(/[\\%_]/g, '\\$&')}%`;
    const email = q === undefined ? null : emailKey(q);
    const values = [tenantId, before ?? null, prefix, email, role ?? null, banned ?? null, limit];
    return this.database.read<Row>(list, values);
  }

  async find(tenantId: string, id: string): Promise<ManagedUser | undefined> {
    return (await this.database.readFresh<Row>(find, [tenantId, id]))[0];
  }

  async lockTenant(tx: Tx, tenantId: string): Promise<void> {
    await tx.execute(lockTenant, [tenantId]);
  }

  async lock(tx: Tx, tenantId: string, id: string): Promise<ManagedUser | undefined> {
    return (await tx.query<Row>(lock, [tenantId, id]))[0];
  }

  async lockByEmail(tx: Tx, tenantId: string, email: string): Promise<ManagedUser | undefined> {
    return (await tx.query<Row>(lockByEmail, [tenantId, emailKey(email)]))[0];
  }

  async countAdmins(tx: Tx, tenantId: string): Promise<number> {
    return (await tx.query<{ count: number }>(countAdmins, [tenantId]))[0]?.count ?? 0;
  }

  async change(tx: Tx, tenantId: string, id: string, state: UserState): Promise<ManagedUser> {
    const { roles, banned, banReason, deleted } = state;
    const values = [tenantId, id, roles, banned, banReason, deleted];
    const [user] = await tx.query<Row>(change, values);
    if (!user) throw new Error('an account that is locked was not there to be changed');
    return user;
  }
}
