import { z } from 'zod';
import { defineSection, type ConfigOf } from '../config/section.js';

/** What the probes look at, and when they call it ill. */
export const healthConfig = defineSection('health', {
  intervalSeconds: z.number().min(1).max(300).default(10).meta({
    description:
      'How often every check is made in the background. A breaker that opens or closes is looked at in that moment.',
  }),
  timeoutMs: z
    .int()
    .min(10)
    .max(60_000)
    .default(2000)
    .meta({ description: 'A check that takes longer has failed.' }),
  required: z
    .array(
      z.string().regex(/^[a-z][a-z0-9_]*$/, 'expected names of checks such as database, redis'),
    )
    .default(['database'])
    .meta({
      description:
        'Checks without which the process cannot serve: `/readyz` is 503 while one of them is down, and `degraded` while another is.',
    }),
  eventLoopLagMs: z.number().min(1).default(500).meta({
    description: 'The event loop is ill when its p99 delay since the last look is longer.',
  }),
  diskFreeShare: z.number().min(0).max(1).default(0.1).meta({
    description: 'A volume is ill with less free room than this share of it.',
  }),
  memoryShare: z.number().min(0).max(1).default(0.9).meta({
    description: 'The process is ill when it holds more than this share of `memoryLimitBytes`.',
  }),
  memoryLimitBytes: z.int().min(1).optional().meta({
    description:
      'What the process may hold in memory. By default the limit of its container, else the memory of the machine.',
  }),
  outboxLagSeconds: z.number().min(1).default(30).meta({
    description: 'Events that wait longer for their place in the log are a fault.',
  }),
});
export type HealthConfig = ConfigOf<typeof healthConfig>;
