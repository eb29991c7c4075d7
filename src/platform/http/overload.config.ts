import { z } from 'zod';
import { defineSection, type ConfigOf } from '../config/section.js';

/** When requests are refused early, so that those that are taken are still answered in time. */
export const overloadConfig = defineSection('overload', {
  enabled: z
    .boolean()
    .default(true)
    .meta({ description: 'Whether requests are refused with 503 when there are too many.' }),
  maxInFlight: z.int().min(1).default(500).meta({
    description:
      'Requests of one process that may wait for their answer; the next is refused. Slow uploads and slow readers do not count.',
  }),
  maxEventLoopDelayMs: z.number().min(1).default(250).meta({
    description:
      'Requests are refused while the event loop is late by more, in two samples of 100 ms on end.',
  }),
  maxHeapShare: z.number().min(0.01).max(1).default(0.9).meta({
    description: 'Requests are refused while more than this share of the heap limit is in use.',
  }),
});
export type OverloadConfig = ConfigOf<typeof overloadConfig>;
