import { z } from 'zod';
import { defineSection, type ConfigOf } from '../config/section.js';

/** From the most talkative on. */
export const levels = ['debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

const routeKey = /^(?:GET|HEAD|OPTIONS|POST|PUT|PATCH|DELETE) \/[^\s?#]*$/;

/** What is logged, and how. */
export const loggingConfig = defineSection('logging', {
  level: z
    .enum(levels)
    .default('info')
    .meta({ env: 'LOG_LEVEL', description: 'The least severe level that is written.' }),
  format: z.enum(['json', 'pretty', 'ecs']).default('json').meta({
    env: 'LOG_FORMAT',
    description:
      '`json` for machines, `ecs` for those that want the names of the Elastic Common Schema, `pretty` for people.',
  }),
  file: z
    .strictObject({
      path: z
        .string()
        .regex(/^[^<>"|?*:]*[^<>"|?*:/\\]$/, 'expected a path such as logs/mainstay.log')
        .optional()
        .meta({
          description:
            'A file instead of stdout. Its name is completed with the role and the date, `logs/mainstay-all.2026-11-20.1.log`, and a new one begins at midnight.',
        }),
      keep: z.int().min(1).max(3650).default(30).meta({
        description: 'So many days of files are kept, today included; older ones are deleted.',
      }),
    })
    .prefault({}),
  maxBufferedBytes: z.int().min(65_536).max(1_073_741_824).default(16_777_216).meta({
    description:
      'Records wait in memory up to here while nothing takes them; what is more is lost and counted.',
  }),
  sampling: z
    .strictObject({
      reads: z.number().min(0).max(1).default(1).meta({
        description: 'Share of successful reads (GET, HEAD) that leave an access log record.',
      }),
      writes: z.number().min(0).max(1).default(1).meta({
        description:
          'Share of successful writes that leave an access log record. Errors always do, but for what is refused before it is a request: such as too many of them, or no valid HTTP; `errors_total` counts those.',
      }),
      routes: z
        .record(z.string(), z.number().min(0).max(1))
        .refine(
          (routes) => Object.keys(routes).every((key) => routeKey.test(key)),
          'expected methods with the patterns of routes, such as "GET /api/v1/posts/:id"',
        )
        .default({})
        .meta({
          description:
            'The share of single routes, before `reads` and `writes`: `{"GET /api/v1/posts/:id": 0.05}`.',
        }),
    })
    .prefault({}),
  slowMs: z.number().min(0).default(1000).meta({
    description: 'A request that took so long always leaves its record.',
  }),
});
export type LogLevel = (typeof levels)[number];
export type LoggingConfig = ConfigOf<typeof loggingConfig>;

/** What every record says of the process that wrote it. */
export interface LogIdentity {
  role: string;
  version: string;
}
