import { Injectable } from '@nestjs/common';
import { Database, type TransactionHook } from '../database/database.js';
import { statement } from '../database/statement.js';
import type { Tx } from '../database/transaction.js';
import { platformErrors } from '../errors/platform.errors.js';
import { requestContext, type RequestContext } from '../observability/request-context.js';
import type { IdempotencyClaim } from './claim.js';
import { seal, sha256, unseal } from './sealed-answer.js';

const tryLock = statement('idempotency.tryLock', 'SELECT pg_try_advisory_xact_lock($1) AS locked');
const find = statement(
  'idempotency.find',
  'SELECT fingerprint, answer FROM platform.idempotency WHERE id = $1 AND created_at > now() - $2::interval',
);
const insert = statement(
  'idempotency.insert',
  `INSERT INTO platform.idempotency (id, fingerprint, answer) VALUES ($1, $2, $3)
   ON CONFLICT (id) DO UPDATE SET fingerprint = excluded.fingerprint, answer = excluded.answer, created_at = now()`,
);

/** How long an answer is kept for repeats. */
export const KEEP = '24 hours';

/**
 * Idempotency keys, inside the transaction they protect: the lock, the look-up, the work and the
 * stored answer commit together, so there is no moment at which a crash could separate them. A
 * lock that a crashed server held vanishes with its connection; nothing has to expire.
 *
 * What is stored is the result of the transaction. A repeat gets it as if the work had just been
 * done, and the rest of the handler makes the same status, headers and body of it.
 */
@Injectable()
export class IdempotencyHook implements TransactionHook {
  constructor(database: Database) {
    database.use(this);
  }

  begin(tx: Tx): Promise<{ result: unknown } | undefined> | undefined {
    const work = requestContext();
    const claim = work?.idempotency;
    if (!work || !claim || claim.taken) return undefined;
    claim.taken = true;
    this.owner.set(claim, tx);
    tx.findsOwnCommit = true;
    return this.enter(tx, work, claim);
  }

  commit(tx: Tx, result: unknown): void {
    const work = requestContext();
    const claim = work?.idempotency;
    if (!work || !claim || claim.replayed || this.owner.get(claim) !== tx) return;
    const answer = seal(JSON.stringify(result ?? null), claim.key);
    tx.atCommit(() => tx.execute(insert, [idOf(work, claim), fingerprintOf(claim), answer]));
  }

  /** The next run of the same work takes the claim again. */
  repeat(tx: Tx): void {
    const claim = requestContext()?.idempotency;
    if (claim && this.owner.get(claim) === tx) claim.taken = false;
  }

  /** The transaction that took the claim; a later one of the same request stores nothing. */
  private readonly owner = new WeakMap<IdempotencyClaim, Tx>();

  private async enter(
    tx: Tx,
    work: RequestContext,
    claim: IdempotencyClaim,
  ): Promise<{ result: unknown } | undefined> {
    const id = idOf(work, claim);
    // Two statements on purpose: the second one's snapshot is taken after the lock was obtained, so
    // it sees what the previous holder committed. They travel together.
    const [[lock], [stored]] = await Promise.all([
      tx.query<{ locked: boolean }>(tryLock, [id.readBigInt64BE(0)]),
      tx.query<{ fingerprint: Buffer; answer: Buffer }>(find, [id, KEEP]),
    ]);
    if (!lock?.locked)
      throw platformErrors.idempotency_in_flight({ headers: { 'retry-after': '1' } });
    if (!stored) return undefined;
    if (!stored.fingerprint.equals(fingerprintOf(claim)))
      throw platformErrors.idempotency_key_reused();
    claim.replayed = true;
    return { result: JSON.parse(unseal(stored.answer, claim.key)) };
  }
}

function idOf(work: RequestContext, claim: IdempotencyClaim): Buffer {
  return sha256(work.principal?.userId ?? claim.caller, claim.key);
}

function fingerprintOf(claim: IdempotencyClaim): Buffer {
  return sha256(claim.route, JSON.stringify(claim.body() ?? null));
}
