import { z } from 'zod';
import { defineSection, type ConfigOf } from '../config/section.js';

const template = (what: string) =>
  z
    .string()
    .regex(/^https?:\/\/.+\{traceId\}/, 'expected an http or https address with {traceId} in it')
    .optional()
    .meta({
      description: `Address at which ${what} of a trace are looked up, with \`{traceId}\` in it: the console links to it.`,
    });

/** The page for whoever looks after the process. */
export const consoleConfig = defineSection('console', {
  enabled: z.boolean().default(true).meta({
    description: 'Whether there is a page at `/console`, for internal addresses and `ops:manage`.',
  }),
  traceUrl: template('the spans'),
  logsUrl: template('the log records'),
});
export type ConsoleConfig = ConfigOf<typeof consoleConfig>;
