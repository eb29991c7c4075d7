import { z } from 'zod';
import { defineSection, type ConfigOf } from '../config/section.js';

/** Where faults are reported to: a server that speaks Sentry's protocol. */
export const errorTrackingConfig = defineSection('errorTracking', {
  dsn: z
    .string()
    .regex(/^https?:\/\/[^\s:@/]+(:[^\s@/]+)?@[^\s/]+\/([^\s]*\/)?\d+$/, {
      message: 'expected https://key@host/project',
    })
    .optional()
    .meta({
      env: 'ERROR_TRACKING_DSN',
      secret: true,
      description: 'Where errors are reported to. Without it they are in the log alone.',
    }),
  environment: z.string().min(1).max(64).optional().meta({
    description: 'What reports call this deployment; `NODE_ENV` unless it is set.',
  }),
  sampleRatio: z.number().min(0).max(1).default(1).meta({
    description:
      'Share of errors that are reported. Of the same error one a second is reported at most.',
  }),
  timeoutMs: z.int().min(100).max(60_000).default(3000).meta({
    description: 'A report that is not taken in this time is given up.',
  }),
});
export type ErrorTrackingConfig = ConfigOf<typeof errorTrackingConfig>;
