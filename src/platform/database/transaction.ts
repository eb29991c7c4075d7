import type { PoolClient, QueryResultRow } from 'pg';
import { runStatement } from './run-statement.js';
import type { Statement } from './statement.js';

/**
 * An open transaction. What belongs to the same commit (rows, events, jobs, the idempotency record)
 * goes through the same `Tx`.
 */
export class Tx {
  private readonly beforeCommit: (() => Promise<unknown>)[] = [];
  private readonly afterCommit: (() => Promise<void> | void)[] = [];

  /** From here on a lost connection leaves open whether the transaction was committed. */
  commitSent = false;

  /** A repeat begins with a look whether this one was committed after all, so it may be repeated even then. */
  findsOwnCommit = false;

  constructor(readonly client: PoolClient) {}

  /** Runs a statement inside the transaction and returns its rows. */
  async query<R extends QueryResultRow>(
    statement: Statement,
    values: unknown[] = [],
  ): Promise<R[]> {
    return (await runStatement<R>(this.client, statement, values)).rows;
  }

  /** Runs a statement inside the transaction and returns the number of rows it touched. */
  async execute(statement: Statement, values: unknown[] = []): Promise<number> {
    return (await runStatement(this.client, statement, values)).rowCount ?? 0;
  }

  /**
   * A last statement of the transaction. These are sent in one write with the COMMIT, so an event
   * and an idempotency record cost no round trip of their own.
   */
  atCommit(work: () => Promise<unknown>): void {
    this.beforeCommit.push(work);
  }

  /**
   * Runs once the transaction is durable and has given its connection back, never when it is rolled
   * back, and is waited for: keep it short. It runs as well where the connection was lost behind the
   * COMMIT, so that nobody knows: nothing that must not happen twice. Must not throw.
   */
  onCommitted(work: () => Promise<void> | void): void {
    this.afterCommit.push(work);
  }

  /** @throws when anything of the transaction failed; nothing of it is kept then */
  async commit(begun: Promise<unknown>): Promise<void> {
    const last = this.beforeCommit.map((work) => work());
    this.commitSent = true;
    const commit = this.client.query('COMMIT');
    const results = await Promise.allSettled([begun, ...last, commit]);
    for (const result of results) if (result.status === 'rejected') throw result.reason;
    // A COMMIT of a transaction that failed before is answered with ROLLBACK, not with an error.
    if ((await commit).command !== 'COMMIT')
      throw new Error('the transaction was rolled back by the server');
  }

  /** What waited for the commit; the connection is free by then, so that it may ask for one of its own. */
  async finish(): Promise<void> {
    for (const work of this.afterCommit) await work();
  }
}
