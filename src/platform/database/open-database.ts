import type { Pool } from 'pg';
import type { Breakers } from '../resilience/breakers.js';
import { isConnectionLost } from './database-errors.js';
import { DatabaseWatch } from './database-watch.js';
import { poolShare, type DatabaseConfig } from './database.config.js';
import { Database } from './database.js';
import { Replica, replicaPool } from './replica.js';
import { Replicas } from './replicas.js';
import { watchPool } from './watch-pool.js';

/** The first two seconds of an outage are waited through: a restart or a failover takes no longer. */
const HOLD_MS = 2000;

/**
 * What stands around the pool, from the inside: bounds and leak report (`watch-pool.ts`), the watch
 * that notices a silent server, the breaker, the replicas; and `Database`, which uses them all.
 */
export async function openDatabase(
  pool: Pool,
  config: DatabaseConfig,
  breakers: Breakers,
): Promise<{ database: Database; close(): Promise<void> }> {
  const watch = new DatabaseWatch(pool, () => breaker);
  const breaker = breakers.create('database', {
    isFailure: isConnectionLost,
    probe: () => watch.ask(),
    holdMs: HOLD_MS,
  });
  const unwatchPool = watchPool('primary', pool, config.pool);
  await openIdle(pool, Math.min(config.pool.minIdle, poolShare(config)));
  const replicas = config.replicaUrls.length > 0 ? connect(pool, config, breakers) : undefined;
  await replicas?.start();
  watch.start();
  return {
    database: new Database(pool, config.url ?? '', breaker, watch, replicas),
    close: async () => {
      unwatchPool();
      await watch.stop();
      await replicas?.stop();
    },
  };
}

/** Opens the connections that are kept idle, so that the first requests find them. */
async function openIdle(pool: Pool, count: number): Promise<void> {
  const clients = await Promise.all(Array.from({ length: count }, () => pool.connect()));
  for (const client of clients) client.release();
}

function connect(primary: Pool, config: DatabaseConfig, breakers: Breakers): Replicas {
  const replicas = config.replicaUrls.map((url, index) => {
    const name = `replica_${index + 1}`;
    const pool = replicaPool(url, primary, poolShare(config));
    const watch = new DatabaseWatch(pool, () => breaker);
    const breaker = breakers.create(name, {
      isFailure: isConnectionLost,
      probe: () => watch.ask(),
    });
    const unwatchPool = watchPool(name, pool, config.pool);
    return new Replica(name, pool, breaker, watch, config.replicaMaxLagSeconds, unwatchPool);
  });
  return new Replicas(primary, replicas);
}
