import { Injectable } from '@nestjs/common';
import type { Pool, QueryResultRow } from 'pg';
import { runStatement } from './run-statement.js';
import type { Statement } from './statement.js';
import { Tx } from './transaction.js';

/** What takes part in every transaction from outside, e.g. idempotency. */
export interface TransactionHook {
  /** Runs first; a value ends the transaction at once and is its result. */
  begin(tx: Tx): Promise<{ result: unknown } | undefined> | undefined;
  /** Sees the result before the commit. */
  commit(tx: Tx, result: unknown): void;
}

/**
 * The way to PostgreSQL for everything on the hot path: named statements on the pool, and
 * transactions. TypeORM owns the pool, the migrations and the entities that are read rarely.
 */
@Injectable()
export class Database {
  private readonly hooks: TransactionHook[] = [];

  constructor(
    readonly pool: Pool,
    /** The address of the same database, for connections that live outside of the pool. */
    readonly url: string,
  ) {}

  use(hook: TransactionHook): void {
    this.hooks.push(hook);
  }

  async query<R extends QueryResultRow>(
    statement: Statement,
    values: unknown[] = [],
  ): Promise<R[]> {
    return (await runStatement<R>(this.pool, statement, values)).rows;
  }

  async execute(statement: Statement, values: unknown[] = []): Promise<number> {
    return (await runStatement(this.pool, statement, values)).rowCount ?? 0;
  }

  /**
   * Runs `work` in one transaction. It commits when `work` resolves and rolls back when it throws.
   * The result should be plain JSON data: a repeated idempotent request gets it back from storage
   * instead of running `work` again.
   *
   * BEGIN travels with the first statement and COMMIT with the last ones (the pool's clients are
   * pipelined): a post costs two round trips, not five.
   */
  async transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const client = await this.pool.connect();
    const tx = new Tx(client);
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
      for (const hook of this.hooks) {
        const early = await hook.begin(tx);
        if (early) {
          await client.query('ROLLBACK');
          return early.result as T;
        }
      }
      const result = await work(tx);
      for (const hook of this.hooks) hook.commit(tx, result);
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
