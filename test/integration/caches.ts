import { makeBreakers } from '../support/breakers.js';
import { expect } from '@jest/globals';
import { Caches } from '../../src/platform/cache/caches.js';
import { cacheConfig, type CacheConfig } from '../../src/platform/cache/cache.config.js';
import type { Database } from '../../src/platform/database/database.js';
import { healthConfig } from '../../src/platform/health/health.config.js';
import { HealthRegistry } from '../../src/platform/health/health.registry.js';
import { Lifecycle } from '../../src/platform/lifecycle/lifecycle.js';
import { Bus } from '../../src/platform/messaging/bus.js';
import { RedisConnection } from '../../src/platform/redis/redis-connection.js';
import { redisConfig } from '../../src/platform/redis/redis.config.js';
import { eventually } from '../support/client.js';
import type { TestDatabase } from '../support/database.js';

/** The caches of one process of the application; its database is given, as its pool can be shared. */
export async function openCaches(
  test: TestDatabase,
  database: Database,
  url: string | undefined,
  config: Partial<CacheConfig> = {},
  // What is asserted is what Redis did: only who measures how late it may be gives it less.
  timeoutMs = 1000,
) {
  const lifecycle = new Lifecycle();
  const bus = new Bus(database, lifecycle);
  await bus.onModuleInit();
  const breakers = makeBreakers(lifecycle);
  const health = new HealthRegistry(healthConfig.schema.parse({}));
  const settings = redisConfig.schema.parse({ url, timeoutMs });
  const redis = new RedisConnection(settings, breakers, health, lifecycle);
  test.beforeDrop(() => lifecycle.stop());
  const { client } = redis;
  if (client) await eventually(async () => expect(await client.ping()).toBe('PONG'));
  const caches = new Caches(
    { ...cacheConfig.schema.parse({}), memorySeconds: 5, ...config },
    redis,
    bus,
  );
  return { caches, redis, bus, breakers, lifecycle };
}

export type Process = Awaited<ReturnType<typeof openCaches>>;
