import { counter, durations, gauge, tracedDurations } from './metrics.js';

export const httpRequestsTotal = counter('http_requests_total', 'Finished HTTP requests.', [
  'method',
  'route',
  'status',
]);
export const httpRequestDuration = tracedDurations(
  'http_request_duration_seconds',
  'Time from the arrival of a request to the end of its answer.',
  ['method', 'route', 'status'],
);
export const errorsTotal = counter(
  'errors_total',
  'Errors answered to callers, by catalogue code.',
  ['code'],
);
export const dbQueryDuration = durations(
  'db_query_duration_seconds',
  'Time of one statement, the wait for a connection included.',
  ['repository', 'operation'],
);
export const appInfo = gauge('app_info', 'Always 1; the labels say what runs.', [
  'version',
  'commit',
  'role',
]);
