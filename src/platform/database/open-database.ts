import type { Pool } from 'pg';
import type { Breakers } from '../resilience/breakers.js';
import { isConnectionLost } from './database-errors.js';
import { DatabaseWatch } from './database-watch.js';
import { databaseTelemetry } from './database.telemetry.js';
import { poolShare, type DatabaseConfig } from './database.config.js';
import { Database } from './database.js';
import { Replica, replicaPool } from './replica.js';
import { Replicas } from './replicas.js';
import { watchPool } from './watch-pool.js';

/** The first two seconds of an outage are waited through: a restart or a failover takes no longer. */
const HOLD_MS = 2000;

/** pg keeps connections that are idle, but opens none: those that end of age or in an outage are opened here. */
const KEEP_IDLE_MS = 10_000;

export interface OpenDatabase {
  database: Database;
  /** Ends everything but the pool itself. */
  close(): Promise<void>;
  /** Drops the connections of the pool, whatever they are at. */
  cut(): void;
}

/**
 * What stands around the pool, from the inside: bounds and leak report (`watch-pool.ts`), the watch
 * that notices a silent server, the breaker, the replicas; and `Database`, which uses them all.
 */
export async function openDatabase(
  pool: Pool,
  config: DatabaseConfig,
  breakers: Breakers,
): Promise<OpenDatabase> {
  const watch = new DatabaseWatch(pool, () => breaker);
  const breaker = breakers.create('database', {
    isFailure: isConnectionLost,
    fallback: 'none: reads and writes are answered 503',
    probe: () => watch.ask(),
    drop: () => watch.dropOne(),
    holdMs: HOLD_MS,
  });
  const unwatchPool = watchPool('primary', pool, config.pool);
  const minIdle = Math.min(config.pool.minIdle, poolShare(config));
  await openIdle(pool, minIdle);
  const keepIdle = setInterval(() => {
    if (breaker.isOpen || pool.totalCount >= minIdle) return;
    openIdle(pool, minIdle).catch((error: unknown) => databaseTelemetry.connectionLost(error));
  }, KEEP_IDLE_MS).unref();
  const replicas = config.replicaUrls.length > 0 ? connect(pool, config, breakers) : undefined;
  await replicas?.start();
  watch.start();
  return {
    database: new Database(pool, config.url ?? '', breaker, watch, replicas),
    cut: () => watch.dropAll(),
    close: async () => {
      clearInterval(keepIdle);
      unwatchPool();
      await watch.stop();
      await replicas?.stop();
    },
  };
}

/** Has so many connections open, by taking them all for a moment, so that the next requests find them. */
async function openIdle(pool: Pool, count: number): Promise<void> {
  const taken = await Promise.allSettled(Array.from({ length: count }, () => pool.connect()));
  for (const one of taken) if (one.status === 'fulfilled') one.value.release();
  for (const one of taken) if (one.status === 'rejected') throw one.reason;
}

function connect(primary: Pool, config: DatabaseConfig, breakers: Breakers): Replicas {
  const replicas = config.replicaUrls.map((url, index) => {
    const name = `replica_${index + 1}`;
    const pool = replicaPool(url, primary, poolShare(config));
    const watch = new DatabaseWatch(pool, () => breaker, false);
    const breaker = breakers.create(name, {
      isFailure: isConnectionLost,
      fallback: 'the other replicas, then the primary',
      probe: () => watch.ask(),
      drop: () => watch.dropOne(),
    });
    const unwatchPool = watchPool(name, pool, config.pool);
    return new Replica(name, pool, breaker, watch, config.replicaMaxLagSeconds, unwatchPool);
  });
  return new Replicas(primary, replicas);
}
