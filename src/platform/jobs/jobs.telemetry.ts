import { counter, durations, gauge } from '../metrics/metrics.js';

export const jobsTotal = counter('jobs_total', 'Finished attempts of jobs.', ['queue', 'result']);
export const jobDuration = durations('job_duration_seconds', 'Time of one attempt of a job.', [
  'queue',
]);
export const jobQueueDepth = gauge('job_queue_depth', 'Jobs that wait, at the last count.', [
  'queue',
]);
