import { Injectable } from '@nestjs/common';
import type { ThrottlerStorage } from '@nestjs/throttler';
import { LRUCache } from 'lru-cache';

/** The answer of @nestjs/throttler's storage; the record type itself is not exported by the package. */
export type Verdict = Awaited<ReturnType<ThrottlerStorage['increment']>>;

/** Windows kept at most: ten thousand users under three policies each. */
const MAX_WINDOWS = 30_000;

/**
 * Exact sliding windows in the memory of one process: a hit is allowed when fewer than `limit`
 * allowed hits lie within the last `ttl` milliseconds. Refused hits do not count, so that waiting
 * for `Retry-After` always helps.
 */
@Injectable()
export class SlidingWindowStorage implements ThrottlerStorage {
  private readonly windows = new LRUCache<string, number[]>({ max: MAX_WINDOWS });

  increment(key: string, ttl: number, limit: number): Promise<Verdict> {
    const now = performance.now();
    const hits = this.windows.get(key) ?? [];
    let expired = 0;
    while (expired < hits.length && (hits[expired] ?? now) <= now - ttl) expired++;
    if (expired > 0) hits.splice(0, expired);
    const isBlocked = hits.length >= limit;
    if (!isBlocked) {
      hits.push(now);
      this.windows.set(key, hits, { ttl });
    }
    const untilFirstLeaves = Math.max(1, Math.ceil(((hits[0] ?? now) + ttl - now) / 1000));
    return Promise.resolve({
      totalHits: isBlocked ? limit + 1 : hits.length,
      timeToExpire: untilFirstLeaves,
      isBlocked,
      timeToBlockExpire: isBlocked ? untilFirstLeaves : 0,
    });
  }
}
