import { loggerOf } from '../logging/logger.js';
import { counter, gauge } from '../metrics/metrics.js';

const log = loggerOf('cache');

const requestsTotal = counter('cache_requests_total', 'Look-ups in a cache.', [
  'cache',
  'level',
  'result',
]);
const evictionsTotal = counter(
  'cache_evictions_total',
  'Entries that left the memory of this process for want of room.',
  ['cache'],
);

/** Look-ups of one cache: answered from either level, or not. They fade, half a minute's worth at a time. */
interface Recent {
  answered: number;
  asked: number;
  at: number;
}

const HALF_LIFE_MS = 60_000;
const recent = new Map<string, Recent>();

gauge(
  'cache_hit_ratio',
  'Share of look-ups of the last minutes that a cache answered.',
  ['cache'],
  function () {
    for (const [cache, counts] of recent) {
      fade(counts);
      if (counts.asked > 0) this.set({ cache }, counts.answered / counts.asked);
    }
  },
);

function fade(counts: Recent): void {
  const now = performance.now();
  const factor = 0.5 ** ((now - counts.at) / HALF_LIFE_MS);
  counts.answered *= factor;
  counts.asked *= factor;
  counts.at = now;
}

/** What is counted of one cache; made once, so that a look-up costs no map of labels. */
export function cacheTelemetry(cache: string) {
  const counts: Recent = { answered: 0, asked: 0, at: performance.now() };
  recent.set(cache, counts);
  const of = (level: 'memory' | 'redis', result: string) =>
    requestsTotal.labels({ cache, level, result });
  const results = {
    memory: { hit: of('memory', 'hit'), miss: of('memory', 'miss') },
    redis: {
      hit: of('redis', 'hit'),
      miss: of('redis', 'miss'),
      stale: of('redis', 'stale'),
      error: of('redis', 'error'),
    },
  };
  return {
    memory(hits: number, misses: number): void {
      if (hits > 0) results.memory.hit.inc(hits);
      if (misses > 0) results.memory.miss.inc(misses);
      counts.answered += hits;
      counts.asked += hits + misses;
    },
    /** What the memory did not have: its look-up was counted already. */
    redis(result: 'hit' | 'miss' | 'stale' | 'error', times = 1): void {
      if (times === 0) return;
      results.redis[result].inc(times);
      if (result === 'hit' || result === 'stale') counts.answered += times;
    },
    evicted(): void {
      evictionsTotal.inc({ cache });
    },
    refreshFailed(error: unknown): void {
      log.warn(
        { err: error, event: 'cache_refresh_failed', cache },
        `an entry of ${cache} could not be loaded anew; the old one is served until its end`,
      );
    },
  };
}
export type CacheTelemetry = ReturnType<typeof cacheTelemetry>;
