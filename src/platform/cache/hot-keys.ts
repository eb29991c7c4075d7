import { Inject, Injectable } from '@nestjs/common';
import { Lifecycle } from '../lifecycle/lifecycle.js';
import { RedisConnection } from '../redis/redis-connection.js';

const FLUSH_MS = 10_000;
const FLUSH_KEYS = 500;
/** Keys that one process counts between two flushes, and that a ranking keeps. */
const MAX_COUNTED = 10_000;
const MAX_RANKED = 1000;
/** A ranking is that of an hour; the one before it is read as well. */
const HOUR_MS = 3_600_000;
const KEEP_SECONDS = 3 * 3600;

/**
 * Which entries are asked for most, over all instances: each counts in memory and adds its counts to
 * a ranking in Redis now and then. Approximate, bounded, and gone with Redis: it only says what is
 * worth warming.
 */
@Injectable()
export class HotKeys {
  private readonly counts = new Map<string, Map<string, number>>();

  constructor(
    private readonly redis: RedisConnection,
    @Inject(Lifecycle) lifecycle: Lifecycle,
  ) {
    if (!redis.client) return;
    const timer = setInterval(() => void this.flush(), FLUSH_MS).unref();
    lifecycle.onStop('bus', () => clearInterval(timer));
  }

  /** Somebody asked for the key. */
  note(cache: string, key: string): void {
    if (!this.redis.client) return;
    let counts = this.counts.get(cache);
    if (!counts) this.counts.set(cache, (counts = new Map<string, number>()));
    const known = counts.get(key);
    if (known !== undefined || counts.size < MAX_COUNTED) counts.set(key, (known ?? 0) + 1);
  }

  /** The keys asked for most in the last one to two hours; none without Redis. */
  async top(cache: string, limit: number): Promise<string[]> {
    const now = Date.now();
    try {
      const rankings = await this.redis.run('hot keys', (client) =>
        Promise.all(
          [now, now - HOUR_MS].map((at) => client.zrevrange(nameOf(cache, at), 0, limit - 1)),
        ),
      );
      return [...new Set(rankings.flat())].slice(0, limit);
    } catch {
      return []; // the breaker knows why; there is nothing to warm without Redis
    }
  }

  /** Adds what was counted since the last time; what Redis cannot take is forgotten. */
  async flush(): Promise<void> {
    for (const [cache, counts] of this.counts) {
      this.counts.delete(cache);
      await this.add(nameOf(cache, Date.now()), [...counts]).catch(() => undefined);
    }
  }

  /** In parts that Redis answers within its time, and that leave room for others between them. */
  private async add(name: string, counts: [string, number][]): Promise<void> {
    for (let from = 0; from < counts.length; from += FLUSH_KEYS) {
      await this.redis.run('hot keys', (client) =>
        Promise.all([
          ...counts
            .slice(from, from + FLUSH_KEYS)
            .map(([key, count]) => client.zincrby(name, count, key)),
          client.expire(name, KEEP_SECONDS),
          client.zremrangebyrank(name, 0, -MAX_RANKED - 1),
        ]),
      );
    }
  }
}

const nameOf = (cache: string, at: number): string => `hot:${cache}:${Math.floor(at / HOUR_MS)}`;
