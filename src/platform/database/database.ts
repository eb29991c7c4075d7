import { setTimeout as pause } from 'node:timers/promises';
import type { Pool, PoolClient, QueryResult, QueryResultRow } from 'pg';
import { AppError } from '../errors/app-error.js';
import type { Breaker } from '../resilience/breaker.js';
import { isConnectionLost, isContention, isTooSlow } from './database-errors.js';
import type { DatabaseWatch } from './database-watch.js';
import type { Replicas } from './replicas.js';
import { runStatement } from './run-statement.js';
import type { Statement } from './statement.js';
import { Tx } from './transaction.js';

/** What takes part in every transaction from outside, e.g. idempotency. */
export interface TransactionHook {
  /** Runs first; a value ends the transaction at once and is its result. */
  begin(tx: Tx): Promise<{ result: unknown } | undefined> | undefined;
  /** Sees the result before the commit. */
  commit(tx: Tx, result: unknown): void;
  /** The transaction failed, and what it was for may be done once more in another one. */
  repeat(tx: Tx): void;
}

/** Repeats of a transaction that lost against another one, or its connection before the commit. */
const RETRIES = 3;
const FIRST_PAUSE_MS = 20;
/** Who has waited longer is told so, rather than made to wait again. */
const REPEAT_WITHIN_MS = 2000;

/**
 * The way to PostgreSQL for everything on the hot path: named statements on the pool, and
 * transactions, behind the breaker of the database. TypeORM owns the pool, the migrations and the
 * entities that are read rarely.
 *
 * The one layer of retries is here: reads, and transactions of which nothing can have been committed.
 */
export class Database {
  private readonly hooks: TransactionHook[] = [];

  constructor(
    readonly pool: Pool,
    /** The address of the same database, for connections that live outside of the pool. */
    readonly url: string,
    private readonly breaker: Breaker,
    private readonly watch: DatabaseWatch,
    readonly replicas?: Replicas,
  ) {}

  /** Resolves when the server answers; on a connection of its own, so a full pool is no outage. */
  ping(): Promise<void> {
    return this.watch.ask();
  }

  use(hook: TransactionHook): void {
    this.hooks.push(hook);
  }

  /**
   * Reads what may be as old as a replica's lag; the caller's own writes are always in it. A read
   * whose connection is lost is tried once more.
   *
   * @param atLeast how far the replica must have come, where that is not the request's own wish
   */
  async read<R extends QueryResultRow>(
    statement: Statement,
    values: unknown[] = [],
    atLeast?: number,
  ): Promise<R[]> {
    const replica = this.replicas && (await this.replicas.choose(atLeast));
    if (replica) {
      try {
        return (await replica.run<R>(statement, values)).rows;
      } catch (error) {
        if (wouldBeSlowAgain(error)) throw error;
        // Gone, or behind: a query cancelled for the replay, a table that is not there yet. The primary has it.
      }
    }
    return this.readFresh(statement, values);
  }

  /** Reads what must be as new as the last commit, e.g. to fill a cache. Tried once more like `read`. */
  async readFresh<R extends QueryResultRow>(
    statement: Statement,
    values: unknown[] = [],
  ): Promise<R[]> {
    const started = performance.now();
    try {
      return await this.query<R>(statement, values);
    } catch (error) {
      if (!isConnectionLost(error) || isLate(started)) throw error;
      await pause(jitter(FIRST_PAUSE_MS));
      return this.query<R>(statement, values);
    }
  }

  /** Runs a statement that may write; it is never repeated. */
  async query<R extends QueryResultRow>(
    statement: Statement,
    values: unknown[] = [],
  ): Promise<R[]> {
    return (await this.run<R>(statement, values)).rows;
  }

  async execute(statement: Statement, values: unknown[] = []): Promise<number> {
    return (await this.run(statement, values)).rowCount ?? 0;
  }

  /**
   * Runs `work` in one transaction. It commits when `work` resolves and rolls back when it throws.
   * The result should be plain JSON data: a repeated idempotent request gets it back from storage
   * instead of running `work` again. `work` may run again itself, after a deadlock, a serialization
   * failure or a connection that was lost before the commit.
   *
   * BEGIN travels with the first statement and COMMIT with the last ones (the pool's clients are
   * pipelined): a post costs two round trips, not five.
   *
   * @param keepsAnswer false for what answers its own repeats: an `Idempotency-Key` means nothing to it
   */
  async transaction<T>(
    work: (tx: Tx) => Promise<T>,
    { keepsAnswer = true }: { keepsAnswer?: boolean } = {},
  ): Promise<T> {
    const started = performance.now();
    for (let attempt = 1; ; attempt++) {
      let tx: Tx | undefined;
      try {
        const result = await this.breaker.run(async () => {
          const client = await this.pool.connect();
          tx = new Tx(client);
          return this.inTransaction(client, tx, work, keepsAnswer ? this.hooks : []);
        });
        await tx?.finish();
        return result;
      } catch (error) {
        // Nobody knows whether it is durable: what waited for that is done, for what it tells to forget may be old.
        // Not waited for: it may ask the database, and the caller has waited for that one long enough.
        if (tx?.commitSent && isConnectionLost(error)) void tx.finish();
        const ends = attempt > RETRIES || isLate(started) || !mayRepeat(error, tx);
        // An answer ends the request; after anything else it may be begun anew, also by whoever called.
        if (tx && !(ends && error instanceof AppError))
          for (const hook of this.hooks) hook.repeat(tx);
        if (ends) throw error;
        await pause(jitter(FIRST_PAUSE_MS * 2 ** (attempt - 1)));
      }
    }
  }

  private run<R extends QueryResultRow>(
    statement: Statement,
    values: unknown[],
  ): Promise<QueryResult<R>> {
    return this.breaker.run(() => runStatement<R>(this.pool, statement, values));
  }

  private async inTransaction<T>(
    client: PoolClient,
    tx: Tx,
    work: (tx: Tx) => Promise<T>,
    hooks: readonly TransactionHook[],
  ): Promise<T> {
    let broken: Error | undefined;
    // A client that is checked out has no listener of the pool's: without this one, a connection
    // that the server cuts would end the process.
    const onError = (error: Error): void => {
      broken = error;
    };
    client.on('error', onError);
    try {
      const begun = client.query('BEGIN');
      begun.catch(() => undefined); // its failure surfaces in commit() or in the first statement
      for (const hook of hooks) {
        const early = await hook.begin(tx);
        if (early) {
          await client.query('ROLLBACK');
          return early.result as T;
        }
      }
      const result = await work(tx);
      for (const hook of hooks) hook.commit(tx, result);
      await tx.commit(begun);
      return result;
    } catch (error) {
      await client.query('ROLLBACK').catch(onError); // the connection is gone, the transaction with it
      throw error;
    } finally {
      client.off('error', onError);
      client.release(broken);
    }
  }
}

/** Whether a repeat writes nothing twice. */
function mayRepeat(error: unknown, tx: Tx | undefined): boolean {
  if (isContention(error)) return true;
  if (!isConnectionLost(error)) return false;
  return !tx?.commitSent || tx.findsOwnCommit;
}

/** Whether the primary would only be given the replica's load. */
function wouldBeSlowAgain(error: unknown): boolean {
  return isTooSlow(error) || (error instanceof AppError && error.code === 'overloaded');
}

function isLate(started: number): boolean {
  return performance.now() - started > REPEAT_WITHIN_MS;
}

/** Jitter around a pause: callers that failed together do not come back together. */
function jitter(ms: number): number {
  return ms * (0.5 + Math.random());
}
