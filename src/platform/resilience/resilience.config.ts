import { z } from 'zod';
import { defineSection, type ConfigOf } from '../config/section.js';

/** When a dependency that fails is left alone, and when it is tried again. */
export const resilienceConfig = defineSection('resilience', {
  breakerFailures: z.int().min(1).max(1000).default(5).meta({
    description: 'Failures of one dependency within the window that open its breaker.',
  }),
  breakerWindowSeconds: z.number().min(0.1).max(600).default(10).meta({
    description: 'The window in which those failures are counted.',
  }),
  breakerOpenSeconds: z.number().min(0.1).max(600).default(30).meta({
    description: 'After this an open breaker lets one call through by itself (half-open).',
  }),
  breakerProbeSeconds: z.number().min(0.05).max(60).default(1).meta({
    description:
      'How often the dependency behind an open breaker is asked in the background whether it is back; ten times as often in the first seconds.',
  }),
});
export type ResilienceConfig = ConfigOf<typeof resilienceConfig>;
