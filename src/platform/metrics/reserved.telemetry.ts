import { counter, gauge } from './metrics.js';

/**
 * Names that the contract promises for what is not there yet: dashboards and alerts can be written
 * against them, and no other metric can take them. Each moves to its own telemetry file with its feature.
 */
export const reserved = [
  counter('searches_total', 'Searches by order of their results.', ['sort']),
  gauge('backup_last_success_timestamp_seconds', 'When a backup last succeeded; 0: never.'),
  gauge(
    'backup_last_verified_timestamp_seconds',
    'When a backup was last restored to check it; 0: never.',
  ),
];
