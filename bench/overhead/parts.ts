import { built } from '../../scripts/seed/built.ts';
import type { LimitStorage } from '../../src/platform/throttling/limit-storage.ts';

/** What is measured alone, made as a process of the application makes it. */
export interface Parts {
  breaker: { run<T>(work: () => Promise<T>): Promise<T> };
  cache: { getOrLoad(key: string, load: () => Promise<object>): Promise<object | undefined> };
  inMemory: LimitStorage;
  inRedis: LimitStorage;
  stop(): Promise<void>;
}

/** The built parts, with the defaults of the configuration, on a real Redis. */
export async function makeParts(redisUrl: string): Promise<Parts> {
  await import('reflect-metadata');
  // Nest itself must have been loaded before @nestjs/throttler, which is CommonJS.
  await import('@nestjs/common');
  await import('@nestjs/core');
  const [
    { Lifecycle },
    { Breakers },
    { resilienceConfig },
    { chaosConfig },
    { healthConfig },
    { HealthRegistry },
    { RedisConnection },
    { redisConfig },
    { databaseConfig },
    storage,
    { Cache },
  ] = await Promise.all([
    built<typeof import('../../src/platform/lifecycle/lifecycle.ts')>(
      'platform/lifecycle/lifecycle.js',
    ),
    built<typeof import('../../src/platform/resilience/breakers.ts')>(
      'platform/resilience/breakers.js',
    ),
    built<typeof import('../../src/platform/resilience/resilience.config.ts')>(
      'platform/resilience/resilience.config.js',
    ),
    built<typeof import('../../src/platform/resilience/chaos.config.ts')>(
      'platform/resilience/chaos.config.js',
    ),
    built<typeof import('../../src/platform/health/health.config.ts')>(
      'platform/health/health.config.js',
    ),
    built<typeof import('../../src/platform/health/health.registry.ts')>(
      'platform/health/health.registry.js',
    ),
    built<typeof import('../../src/platform/redis/redis-connection.ts')>(
      'platform/redis/redis-connection.js',
    ),
    built<typeof import('../../src/platform/redis/redis.config.ts')>(
      'platform/redis/redis.config.js',
    ),
    built<typeof import('../../src/platform/database/database.config.ts')>(
      'platform/database/database.config.js',
    ),
    built<typeof import('../../src/platform/throttling/limit-storage.ts')>(
      'platform/throttling/limit-storage.js',
    ),
    built<typeof import('../../src/platform/cache/cache.ts')>('platform/cache/cache.js'),
  ]);
  const lifecycle = new Lifecycle();
  const breakers = new Breakers(
    resilienceConfig.schema.parse({}),
    chaosConfig.schema.parse({}),
    lifecycle,
  );
  const connect = (url?: string) =>
    new RedisConnection(
      redisConfig.schema.parse({ url, timeoutMs: 1000 }),
      breakers,
      new HealthRegistry(healthConfig.schema.parse({})),
      lifecycle,
    );
  const deployment = databaseConfig.schema.parse({});
  const redis = connect(redisUrl);
  await new Promise((resolve) => redis.onReady(() => resolve(undefined)));
  return {
    breaker: breakers.create('measured', { isFailure: () => true, fallback: 'none' }),
    cache: new Cache<object>(
      'measured',
      { ttlMs: 600_000, memoryMs: 600_000, negativeMs: 1000 },
      { maxEntries: 1000, announce: () => undefined, noteDegraded: () => undefined },
    ),
    inMemory: new storage.LimitStorage(connect(), deployment),
    inRedis: new storage.LimitStorage(redis, deployment),
    stop: () => lifecycle.stop(),
  };
}
