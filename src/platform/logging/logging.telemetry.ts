import { counter } from '../metrics/metrics.js';

export const logRecordsDropped = counter(
  'log_records_dropped_total',
  'Log records that were lost because nothing took them in time.',
);
