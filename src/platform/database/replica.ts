import pg, { type Pool, type QueryResult, type QueryResultRow } from 'pg';
import type { Breaker } from '../resilience/breaker.js';
import { parsePosition } from './consistency.js';
import type { DatabaseWatch } from './database-watch.js';
import { databaseTelemetry } from './database.telemetry.js';
import { runStatement } from './run-statement.js';
import type { Statement } from './statement.js';

/** A replica that was made a primary goes on telling the last position that it replayed. */
const replayed = `SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()::text END AS position`;

/**
 * One read replica: its pool, how far it has come, and how far it is behind. It takes reads while it
 * answers and its lag is known and small.
 */
export class Replica {
  /** The position it has replayed, at the last look. */
  position = 0;
  /** Seconds it is behind the primary; undefined while nobody knows. */
  lagSeconds: number | undefined;
  private used: boolean | undefined;

  constructor(
    readonly name: string,
    readonly pool: Pool,
    private readonly breaker: Breaker,
    private readonly watch: DatabaseWatch,
    private readonly maxLagSeconds: number,
    private readonly unwatchPool: () => void,
  ) {
    pool.on('error', (error) => databaseTelemetry.connectionLost(error));
  }

  start(): void {
    this.watch.start();
  }

  async stop(): Promise<void> {
    this.unwatchPool();
    await this.watch.stop();
    await this.pool.end();
  }

  get isHealthy(): boolean {
    return (
      !this.breaker.isOpen && this.lagSeconds !== undefined && this.lagSeconds <= this.maxLagSeconds
    );
  }

  /** For readiness. @throws while it takes no reads */
  check(): Promise<void> {
    if (this.isHealthy) return Promise.resolve();
    const code = this.lagSeconds === undefined ? 'LAG_UNKNOWN' : 'LAGGING';
    return Promise.reject(Object.assign(new Error(`${this.name} takes no reads`), { code }));
  }

  run<R extends QueryResultRow>(statement: Statement, values: unknown[]): Promise<QueryResult<R>> {
    return this.breaker.run(() => runStatement<R>(this.pool, statement, values));
  }

  /** Asks how far it has come. @throws when it does not answer, or is no replica any more */
  async look(): Promise<number> {
    const { rows } = await this.breaker.run(() =>
      this.pool.query<{ position: string | null }>(replayed),
    );
    const position = parsePosition(rows[0]?.position ?? '');
    if (position === undefined) throw new Error(`${this.name} is not a replica`);
    this.position = position;
    return position;
  }

  /** Takes note of its lag, and tells when that changes whether it is used. */
  note(lagSeconds: number | undefined, reason?: unknown): void {
    this.lagSeconds = lagSeconds;
    databaseTelemetry.lag(this.name, lagSeconds);
    if (this.isHealthy === this.used) return;
    this.used = this.isHealthy;
    databaseTelemetry.replica(this.name, this.used ? 'used' : 'left out', reason);
  }
}

/** The pool of a replica, with the same times as that of the primary. */
export function replicaPool(url: string, primary: Pool, max: number): Pool {
  const {
    idleTimeoutMillis,
    maxLifetimeSeconds,
    connectionTimeoutMillis,
    statement_timeout,
    query_timeout,
  } = primary.options as pg.PoolConfig;
  return new pg.Pool({
    connectionString: url,
    application_name: 'mainstay',
    max,
    ...(idleTimeoutMillis !== undefined && { idleTimeoutMillis }),
    ...(maxLifetimeSeconds !== undefined && { maxLifetimeSeconds }),
    ...(connectionTimeoutMillis !== undefined && { connectionTimeoutMillis }),
    ...(statement_timeout !== undefined && { statement_timeout }),
    ...(query_timeout !== undefined && { query_timeout }),
    keepAlive: true,
    pipeline: true,
  });
}
