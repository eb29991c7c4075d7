import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { statement } from '../../../platform/database/statement.js';
import type { Tx } from '../../../platform/database/transaction.js';
import { ONE_TIME_TOKEN_SECONDS, type Purpose } from './one-time-token.js';

/** A token is worth nothing once the account has, or wants, another address than the one it was sent to. */
const USABLE = `t.hash = $1 AND t.purpose = ANY ($2) AND t.used_at IS NULL AND t.expires_at > now()
  AND u.id = t.user_id AND u.deleted_at IS NULL
  AND t.email = CASE t.purpose WHEN 'email_change' THEN u.wanted_email ELSE u.email END`;

/**
 * The newest three stay: whoever asks for links in the name of others does not make the owner's one
 * worthless by it. Those to other addresses are left alone: a mail that is late takes none of them.
 */
const insert = statement(
  'oneTimeTokens.insert',
  `WITH older AS (
     DELETE FROM auth.one_time_tokens WHERE user_id = $2 AND purpose = $3 AND email = $4 AND hash <> ALL (ARRAY(
       SELECT hash FROM auth.one_time_tokens
       WHERE user_id = $2 AND purpose = $3 AND email = $4 AND used_at IS NULL AND expires_at > now()
       ORDER BY created_at DESC LIMIT 2))
   )
   INSERT INTO auth.one_time_tokens (hash, user_id, purpose, email, expires_at)
   VALUES ($1, $2, $3, $4, now() + make_interval(secs => $5))`,
);
const isUsable = statement(
  'oneTimeTokens.isUsable',
  `SELECT 1 FROM auth.one_time_tokens t, auth.users u WHERE ${USABLE}`,
);
/** The account is locked first: two of its links that are used at the same time would wait for one another. */
const use = statement(
  'oneTimeTokens.use',
  `WITH owner AS MATERIALIZED (
     SELECT u.id, u.tenant_id, u.email, u.username FROM auth.one_time_tokens t, auth.users u WHERE ${USABLE}
     FOR NO KEY UPDATE OF u
   ), used AS (
     UPDATE auth.one_time_tokens t SET used_at = now() FROM owner WHERE t.hash = $1 AND t.used_at IS NULL
     RETURNING t.purpose, t.email, owner.id AS "userId", owner.tenant_id AS "tenantId", owner.email AS "accountEmail",
       owner.username
   ), others AS (
     DELETE FROM auth.one_time_tokens t USING used
     WHERE t.user_id = used."userId" AND t.purpose = used.purpose AND t.hash <> $1
   )
   SELECT * FROM used`,
);
const revoke = statement(
  'oneTimeTokens.revoke',
  `WITH unwanted AS (
     UPDATE auth.users SET wanted_email = NULL WHERE id = $1 AND wanted_email IS NOT NULL
   )
   DELETE FROM auth.one_time_tokens WHERE user_id = $1 AND used_at IS NULL`,
);
const prune = statement(
  'oneTimeTokens.prune',
  `DELETE FROM auth.one_time_tokens WHERE hash = ANY (ARRAY(
     SELECT hash FROM auth.one_time_tokens WHERE expires_at < now() ORDER BY expires_at LIMIT $1
   ))`,
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
  /** Of the same account, purpose and address the two before are good still; older ones are worth nothing. */
  abstract insert(hash: Buffer, userId: string, purpose: Purpose, email: string): Promise<void>;
  abstract isUsable(hash: Buffer, purposes: readonly Purpose[]): Promise<boolean>;
  /** Uses it up, and with it all of the account for the same purpose; of any number at the same time one succeeds. */
  abstract use(tx: Tx, hash: Buffer, purposes: readonly Purpose[]): Promise<UsedToken | undefined>;
  /** Makes every link that is under way to the account worthless, and takes back that it wants another address. */
  abstract revoke(tx: Tx, userId: string): Promise<void>;
  /** Forgets those that have expired, at most `limit`. @returns how many */
  abstract prune(limit: number): Promise<number>;
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

  prune(limit: number): Promise<number> {
    return this.database.execute(prune, [limit]);
  }
}
