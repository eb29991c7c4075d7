import { Inject, Injectable } from '@nestjs/common';
import type { ThrottlerStorage } from '@nestjs/throttler';
import { databaseConfig, type DatabaseConfig } from '../database/database.config.js';
import { requestContext } from '../observability/request-context.js';
import { RedisConnection } from '../redis/redis-connection.js';
import { MemoryWindows } from './memory-windows.js';
import { RedisWindows } from './redis-windows.js';
import type { Counting, Standing, Window } from './window.js';

/**
 * Where hits are counted: in Redis, exactly over all instances. Without it each instance counts in
 * its own memory up to its share, limit ÷ replicas, so that all together stay below the limit.
 */
@Injectable()
export class LimitStorage implements ThrottlerStorage {
  private readonly memory = new MemoryWindows();
  private readonly shared: RedisWindows | undefined;

  constructor(
    redis: RedisConnection,
    @Inject(databaseConfig.KEY) private readonly deployment: DatabaseConfig,
  ) {
    if (redis.client) this.shared = new RedisWindows(redis);
  }

  /** Counts a request in all its windows, or in none when one is full. */
  take(windows: readonly Window[]): Standing[] | Promise<Standing[]> {
    return this.count(windows, 'take');
  }

  /** How the windows stand, without counting. */
  look(windows: readonly Window[]): Standing[] | Promise<Standing[]> {
    return this.count(windows, 'look');
  }

  /** What @nestjs/throttler asks of a storage: one window, in seconds. */
  async increment(
    key: string,
    ttl: number,
    limit: number,
  ): ReturnType<ThrottlerStorage['increment']> {
    const [standing] = await this.take([{ key, limit, windowMs: ttl }]);
    const { remaining = 0, resetMs = ttl, retryMs = 0 } = standing ?? {};
    const isBlocked = retryMs > 0;
    return {
      totalHits: isBlocked ? limit + 1 : limit - remaining,
      timeToExpire: Math.ceil(resetMs / 1000),
      isBlocked,
      timeToBlockExpire: Math.ceil(retryMs / 1000),
    };
  }

  private count(windows: readonly Window[], counting: Counting): Standing[] | Promise<Standing[]> {
    if (!this.shared) return this.inMemory(windows, counting);
    return this.shared.count(windows, counting).catch(() => {
      // Why it failed is in the breaker's log; this request is counted here instead.
      const work = requestContext();
      if (work) work.degraded = 'cache';
      return this.inMemory(windows, counting);
    });
  }

  private inMemory(windows: readonly Window[], counting: Counting): Standing[] {
    const { replicas } = this.deployment;
    const shares = windows.map((window) => ({
      ...window,
      limit: Math.max(1, Math.floor(window.limit / replicas)),
    }));
    return this.memory.count(shares, counting);
  }
}
