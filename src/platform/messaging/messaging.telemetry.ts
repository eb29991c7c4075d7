import { gauge } from '../metrics/metrics.js';

export const outboxLag = gauge(
  'outbox_lag_seconds',
  'Age of the oldest event at the last relay round.',
);
export const eventLogPosition = gauge(
  'event_log_position',
  'The last position this process knows of.',
);
