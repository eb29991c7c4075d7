import { z } from 'zod';
import { defineSection, type ConfigOf } from '../config/section.js';

/** How a process ends. */
export const lifecycleConfig = defineSection('lifecycle', {
  endpointDelaySeconds: z.number().min(0).max(60).default(5).meta({
    description:
      'After SIGTERM: how long requests are still accepted while readiness already fails.',
  }),
  drainSeconds: z.number().min(0).max(300).default(30).meta({
    description: 'How long running requests may take to complete before they are cut.',
  }),
  deadlineSeconds: z.number().min(1).max(600).default(60).meta({
    description: 'The process ends after this, whatever still hangs.',
  }),
});
export type LifecycleConfig = ConfigOf<typeof lifecycleConfig>;
