import type { Pool } from 'pg';
import { loggerOf } from '../logging/logger.js';
import { counter, durations, gauge } from '../metrics/metrics.js';

const log = loggerOf('database');

const pools = new Map<string, Pool>();

gauge(
  'db_pool_connections',
  'Connections of a pool: in use, idle, requests that wait for one, and the most it may hold.',
  ['pool', 'state'],
  function () {
    for (const [pool, { totalCount, idleCount, waitingCount, options }] of pools) {
      this.set({ pool, state: 'active' }, totalCount - idleCount);
      this.set({ pool, state: 'idle' }, idleCount);
      this.set({ pool, state: 'waiting' }, waitingCount);
      this.set({ pool, state: 'max' }, options.max);
    }
  },
);
const poolWait = durations(
  'db_pool_wait_seconds',
  'How long a request waited for a connection of the pool.',
  ['pool'],
);
const poolLeaks = counter(
  'db_pool_leaks_total',
  'Connections that were not given back in time (`database.pool.leakSeconds`).',
);

const migrationDuration = gauge(
  'migration_duration_seconds',
  'How long the migrations of the last start took; 0 when none was pending.',
);

const replicaLag = gauge(
  'db_replica_lag_seconds',
  'How far a replica is behind the primary; NaN while nobody knows.',
  ['replica'],
);

/** What is counted and logged of the connections to the database. */
export const databaseTelemetry = {
  /** From now on the gauge shows this pool; names are `primary`, `replica_1`, … */
  pool(name: string, pool: Pool): { waited(seconds: number): void } {
    pools.set(name, pool);
    const wait = poolWait.labels({ pool: name });
    return { waited: (seconds) => wait.observe(seconds) };
  },

  migrated(seconds: number): void {
    migrationDuration.set(seconds);
  },

  leak(heldSeconds: number, takenBy: Error): void {
    poolLeaks.inc();
    log.error(
      { err: takenBy, event: 'db_connection_leaked', held_seconds: Math.round(heldSeconds) },
      'a database connection was not given back; the stack says who took it',
    );
  },

  unresponsive(error: unknown): void {
    log.warn(
      { err: error, event: 'db_unresponsive' },
      'the database does not answer; its connections are dropped',
    );
  },

  connectionLost(error: unknown): void {
    log.warn({ err: error, event: 'db_connection_lost' }, 'a database connection was lost');
  },

  lag(replica: string, seconds: number | undefined): void {
    replicaLag.set({ replica }, seconds ?? NaN);
  },

  replica(name: string, state: 'used' | 'left out', reason?: unknown): void {
    log.warn(
      { err: reason, event: 'db_replica', replica: name, state },
      state === 'used' ? `${name} takes reads` : `${name} takes no reads for now`,
    );
  },
};
