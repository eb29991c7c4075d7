import { counter } from '../observability/metrics.js';

export const cacheRequestsTotal = counter('cache_requests_total', 'Look-ups in a cache.', [
  'cache',
  'level',
  'result',
]);
