import { LRUCache } from 'lru-cache';
import type { Counting, Standing, Window } from './window.js';

/** Windows kept at most: ten thousand users under three policies each. */
const MAX_WINDOWS = 30_000;

/**
 * Exact sliding windows in the memory of one process: a hit is allowed when fewer than `limit`
 * allowed hits lie within the last `windowMs`. Refused hits do not count, so that waiting for
 * `Retry-After` always helps.
 */
export class MemoryWindows {
  private readonly windows = new LRUCache<string, number[]>({ max: MAX_WINDOWS });

  /** @param now milliseconds of any monotonic clock */
  count(windows: readonly Window[], counting: Counting, now = performance.now()): Standing[] {
    const hits = windows.map((window) => this.hitsOf(window, now));
    const allowed = windows.every(({ limit }, index) => (hits[index]?.length ?? 0) < limit);
    if (counting === 'take' && allowed) {
      windows.forEach(({ key, windowMs }, index) => {
        hits[index]?.push(now);
        this.windows.set(key, hits[index] ?? [], { ttl: windowMs });
      });
    }
    return windows.map((window, index) => standingOf(window, hits[index] ?? [], now, allowed));
  }

  private hitsOf({ key, windowMs }: Window, now: number): number[] {
    const hits = this.windows.get(key) ?? [];
    let expired = 0;
    while (expired < hits.length && (hits[expired] ?? now) <= now - windowMs) expired++;
    if (expired > 0) hits.splice(0, expired);
    return hits;
  }
}

function standingOf(
  { limit, windowMs }: Window,
  hits: readonly number[],
  now: number,
  allowed: boolean,
): Standing {
  const full = !allowed && hits.length >= limit;
  const blocking = full ? hits[hits.length - limit] : undefined;
  return {
    limit,
    remaining: Math.max(0, limit - hits.length),
    resetMs: (hits[0] ?? now) + windowMs - now,
    retryMs: blocking === undefined ? 0 : blocking + windowMs - now,
  };
}
