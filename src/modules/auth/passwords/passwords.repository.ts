import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { statement } from '../../../platform/database/statement.js';
import type { Tx } from '../../../platform/database/transaction.js';

const find = statement(
  'passwords.find',
  `SELECT password_hash AS hash FROM auth.users WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL`,
);
const findNames = statement(
  'passwords.findNames',
  'SELECT username, email FROM auth.users WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL',
);
const change = statement(
  'passwords.change',
  `UPDATE auth.users SET password_hash = $4, updated_at = now()
   WHERE tenant_id = $1 AND id = $2 AND password_hash = $3 AND deleted_at IS NULL`,
);
const reset = statement(
  'passwords.reset',
  `WITH before AS (
     SELECT id, email_verified_at FROM auth.users
     WHERE tenant_id = $1 AND id = $2 AND email = $3 AND deleted_at IS NULL FOR NO KEY UPDATE
   )
   UPDATE auth.users u SET password_hash = $4, email_verified_at = coalesce(u.email_verified_at, now()), updated_at = now()
   FROM before WHERE u.id = before.id RETURNING before.email_verified_at IS NOT NULL AS "wasVerified"`,
);

/** The password hashes of accounts. */
export abstract class PasswordsRepository {
  /** undefined for an account without a password, and where there is none. */
  abstract find(tenantId: string, userId: string): Promise<string | undefined>;
  /** What the account's password must not be; nothing where there is no account. */
  abstract findNames(
    tenantId: string,
    userId: string,
  ): Promise<{ username?: string; email?: string }>;
  /** @returns false when the hash is not `before` any more */
  abstract change(
    tx: Tx,
    account: { tenantId: string; userId: string },
    before: string,
    hash: string,
  ): Promise<boolean>;
  /**
   * Sets it for whoever proved that the address is theirs, and notes that.
   *
   * @returns whether that had been proved before; undefined when the account has another address by now
   */
  abstract reset(
    tx: Tx,
    account: { tenantId: string; userId: string },
    email: string,
    hash: string,
  ): Promise<boolean | undefined>;
}

@Injectable()
export class PgPasswordsRepository extends PasswordsRepository {
  constructor(private readonly database: Database) {
    super();
  }

  async find(tenantId: string, userId: string): Promise<string | undefined> {
    const values = [tenantId, userId];
    const [row] = await this.database.readFresh<{ hash: string | null }>(find, values);
    return row?.hash ?? undefined;
  }

  async findNames(
    tenantId: string,
    userId: string,
  ): Promise<{ username?: string; email?: string }> {
    const values = [tenantId, userId];
    const rows = await this.database.readFresh<{ username: string; email: string }>(
      findNames,
      values,
    );
    return rows[0] ?? {};
  }

  async change(
    tx: Tx,
    { tenantId, userId }: { tenantId: string; userId: string },
    before: string,
    hash: string,
  ): Promise<boolean> {
    return (await tx.execute(change, [tenantId, userId, before, hash])) === 1;
  }

  async reset(
    tx: Tx,
    { tenantId, userId }: { tenantId: string; userId: string },
    email: string,
    hash: string,
  ): Promise<boolean | undefined> {
    const values = [tenantId, userId, email, hash];
    return (await tx.query<{ wasVerified: boolean }>(reset, values))[0]?.wasVerified;
  }
}
