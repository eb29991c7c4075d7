import { z } from 'zod';
import { defineSection, type ConfigOf } from '../config/section.js';

/** From the most talkative on. */
export const levels = ['debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** What is logged, and how. */
export const loggingConfig = defineSection('logging', {
  level: z
    .enum(levels)
    .default('info')
    .meta({ env: 'LOG_LEVEL', description: 'The least severe level that is written.' }),
  format: z
    .enum(['json', 'pretty'])
    .default('json')
    .meta({ env: 'LOG_FORMAT', description: '`json` for machines, `pretty` for people.' }),
  sampling: z
    .strictObject({
      reads: z.number().min(0).max(1).default(1).meta({
        description: 'Share of successful reads (GET, HEAD) that leave an access log record.',
      }),
      writes: z.number().min(0).max(1).default(1).meta({
        description:
          'Share of successful writes that leave an access log record. Errors always do.',
      }),
    })
    .prefault({}),
});
export type LogLevel = (typeof levels)[number];
export type LoggingConfig = ConfigOf<typeof loggingConfig>;
