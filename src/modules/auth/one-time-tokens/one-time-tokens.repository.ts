import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { statement } from '../../../platform/database/statement.js';
import type { Tx } from '../../../platform/database/transaction.js';
import { ONE_TIME_TOKEN_SECONDS, type Purpose } from './one-time-token.js';

/** A token is worth nothing once the account has another address than the one it was sent to. */
const USABLE = `t.hash = $1 AND t.purpose = ANY ($2) AND t.used_at IS NULL AND t.expires_at > now()
  AND u.id = t.user_id AND u.deleted_at IS NULL AND (t.purpose = 'email_change' OR u.email = t.email)`;

const insert = statement(
  'oneTimeTokens.insert',
  `WITH older AS (
     DELETE FROM auth.one_time_tokens WHERE user_id = $2 AND purpose = $3
   )
   INSERT INTO auth.one_time_tokens (hash, user_id, purpose, email, expires_at)
   VALUES ($1, $2, $3, $4, now() + make_interval(secs => $5))`,
);
const isUsable = statement(
  'oneTimeTokens.isUsable',
  `SELECT 1 FROM auth.one_time_tokens t, auth.users u WHERE ${USABLE}`,
);
const use = statement(
  'oneTimeTokens.use',
  `UPDATE auth.one_time_tokens t SET used_at = now() FROM auth.users u WHERE ${USABLE}
   RETURNING t.purpose, t.email, u.id AS "userId", u.tenant_id AS "tenantId", u.email AS "accountEmail",
     u.username`,
);
const revoke = statement(
  'oneTimeTokens.revoke',
  'DELETE FROM auth.one_time_tokens WHERE user_id = $1 AND used_at IS NULL',
);
const prune = statement(
  'oneTimeTokens.prune',
  'DELETE FROM auth.one_time_tokens WHERE expires_at < now()',
);

/** What a token that was just used up proves: that its bearer reads the mail of `email`. */
export interface UsedToken {
  purpose: Purpose;
  userId: string;
  tenantId: string;
  /** The address that the token was sent to. */
  email: string;
  /** The address of the account now. */
  accountEmail: string;
  /** The user name of the account. */
  username: string;
}

/** The secrets of the links in mails, as hashes. */
export abstract class OneTimeTokensRepository {
  /** Older ones of the same account and purpose are worth nothing from here on. */
  abstract insert(hash: Buffer, userId: string, purpose: Purpose, email: string): Promise<void>;
  abstract isUsable(hash: Buffer, purposes: readonly Purpose[]): Promise<boolean>;
  /** Uses it up; of any number at the same time one succeeds. */
  abstract use(tx: Tx, hash: Buffer, purposes: readonly Purpose[]): Promise<UsedToken | undefined>;
  /** Makes every link that is under way to the account worthless. */
  abstract revoke(tx: Tx, userId: string): Promise<void>;
  /** Forgets those that have expired. */
  abstract prune(): Promise<void>;
}

@Injectable()
export class PgOneTimeTokensRepository extends OneTimeTokensRepository {
  constructor(private readonly database: Database) {
    super();
  }

  async insert(hash: Buffer, userId: string, purpose: Purpose, email: string): Promise<void> {
    const values = [hash, userId, purpose, email, ONE_TIME_TOKEN_SECONDS];
    await this.database.execute(insert, values);
  }

  async isUsable(hash: Buffer, purposes: readonly Purpose[]): Promise<boolean> {
    return (await this.database.readFresh(isUsable, [hash, purposes])).length > 0;
  }

  async use(tx: Tx, hash: Buffer, purposes: readonly Purpose[]): Promise<UsedToken | undefined> {
    return (await tx.query<UsedToken & Record<string, unknown>>(use, [hash, purposes]))[0];
  }

  async revoke(tx: Tx, userId: string): Promise<void> {
    await tx.execute(revoke, [userId]);
  }

  async prune(): Promise<void> {
    await this.database.execute(prune);
  }
}
