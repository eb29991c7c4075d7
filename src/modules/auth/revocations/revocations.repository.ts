import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { statement } from '../../../platform/database/statement.js';
import type { Tx } from '../../../platform/database/transaction.js';
import { MAX_REVOCATIONS, type RevocationPage } from '../../../platform/security/revocations.js';
import { LONGEST_TOKEN_SECONDS } from '../../../platform/security/token-verifier.js';

/** As long as any token can live, and a minute: more than any two clocks differ. */
export const REVOCATION_SECONDS = LONGEST_TOKEN_SECONDS + 60;

/**
 * Everything that the snapshot of the page before did not see: nothing comes twice, and what was then
 * under way comes when it has committed, however long that took.
 */
const after = statement(
  'revocations.after',
  `SELECT pg_current_snapshot()::text AS cursor, (
     SELECT coalesce(json_agg(page), '[]') FROM (
       SELECT kind, subject, roles, extract(epoch FROM created_at)::float8 AS "createdAt",
         extract(epoch FROM expires_at)::float8 AS "expiresAt"
       FROM auth.revocations
       WHERE written >= pg_snapshot_xmin($1::text::pg_snapshot)
         AND NOT pg_visible_in_snapshot(written, $1::text::pg_snapshot) AND expires_at > now()
       ORDER BY created_at DESC LIMIT $2
     ) page
   ) AS items`,
);
/** The moment of writing, not the transaction's beginning: it may have waited for a lock. */
const insert = statement(
  'revocations.insert',
  `INSERT INTO auth.revocations (kind, subject, roles, created_at, expires_at)
   SELECT $1, subject, $3, clock_timestamp(), now() + make_interval(secs => $4) FROM unnest($2::text[]) AS subject
   ON CONFLICT (kind, subject) DO UPDATE SET roles = excluded.roles, created_at = excluded.created_at,
     expires_at = excluded.expires_at, written = excluded.written`,
);
/** By their place in the table, which is good for a statement; one that was renewed meanwhile is looked at again. */
const prune = statement(
  'revocations.prune',
  `DELETE FROM auth.revocations WHERE expires_at < now() AND ctid = ANY (ARRAY(
     SELECT ctid FROM auth.revocations WHERE expires_at < now() ORDER BY expires_at LIMIT $1
   ))`,
);

/** What running processes must be told before tokens end by themselves. */
export abstract class RevocationsRepository {
  abstract after(cursor: string): Promise<RevocationPage>;
  /** @param seconds how long it matters: until the last token that it concerns has ended */
  abstract insert(
    tx: Tx,
    kind: 'session' | 'key' | 'roles',
    subjects: readonly string[],
    seconds: number,
    roles?: readonly string[],
  ): Promise<void>;
  /** Forgets those that no token can need any more, at most `limit`. @returns how many */
  abstract prune(limit: number): Promise<number>;
}

@Injectable()
export class PgRevocationsRepository extends RevocationsRepository {
  constructor(private readonly database: Database) {
    super();
  }

  async after(cursor: string): Promise<RevocationPage> {
    const values = [cursor, MAX_REVOCATIONS];
    const [page] = await this.database.readFresh<RevocationPage & Record<string, unknown>>(
      after,
      values,
    );
    return page ?? { cursor, items: [] };
  }

  async insert(
    tx: Tx,
    kind: 'session' | 'key' | 'roles',
    subjects: readonly string[],
    seconds: number,
    roles?: readonly string[],
  ): Promise<void> {
    await tx.execute(insert, [kind, subjects, roles ?? null, seconds]);
  }

  prune(limit: number): Promise<number> {
    return this.database.execute(prune, [limit]);
  }
}
