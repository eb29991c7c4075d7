import { counter } from '../metrics/metrics.js';

export const rateLimitRejectionsTotal = counter(
  'rate_limit_rejections_total',
  'Requests refused by a limit.',
  ['policy'],
);
