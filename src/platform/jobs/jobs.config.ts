import { z } from 'zod';
import { defineSection, type ConfigOf } from '../config/section.js';

/** Background jobs. */
export const jobsConfig = defineSection('jobs', {
  pollSeconds: z
    .number()
    .min(0.5)
    .max(60)
    .default(2)
    .meta({ description: 'How often a worker looks for jobs.' }),
  retryLimit: z.int().min(0).max(20).default(5).meta({
    description:
      'How often a failed job is tried again, with growing pauses, before it goes to the dead letters.',
  }),
  expireSeconds: z.int().min(1).default(60).meta({
    description:
      'A job that runs longer, or whose worker died, is given to another worker after this; one that works in batches may take 15 minutes, and only a dead worker is noticed after this.',
  }),
});
export type JobsConfig = ConfigOf<typeof jobsConfig>;
