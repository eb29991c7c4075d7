import { counter } from '../metrics/metrics.js';

export const errorReports = counter(
  'error_reports_total',
  'Errors for the error tracking by what became of them: sent, held_back, sampled, failed.',
  ['result'],
);
