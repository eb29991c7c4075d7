import { z } from 'zod';
import { defineSection, type ConfigOf } from '../config/section.js';

/** What can be made to fail: every breaker's name begins with one of these. */
const dependency = (what: string) =>
  z
    .strictObject({
      latencyMs: z
        .int()
        .min(0)
        .max(60_000)
        .default(0)
        .meta({ description: `Calls to ${what}: begin this much later.` }),
      errorShare: z
        .number()
        .min(0)
        .max(1)
        .default(0)
        .meta({ description: `Calls to ${what}: this share fails without being made.` }),
      dropShare: z
        .number()
        .min(0)
        .max(1)
        .default(0)
        .meta({
          description: `Calls to ${what}: this share loses the connection.`,
        }),
    })
    .prefault({});

/** Faults on purpose, to see in staging how the application bears them. */
export const chaosConfig = defineSection(
  'chaos',
  {
    enabled: z
      .boolean()
      .default(false)
      .meta({ description: 'Whether the faults below are made. Refused in production.' }),
    database: dependency('the primary database'),
    replica: dependency('a read replica'),
    redis: dependency('Redis'),
    smtp: dependency('the mail server'),
    oauth: dependency('the providers of sign-in'),
    rpc: dependency('other processes of a split deployment'),
  },
  ({ enabled }): Record<string, string> =>
    enabled ? { enabled: 'must be false in production: faults on purpose are for staging' } : {},
);
export type ChaosConfig = ConfigOf<typeof chaosConfig>;
