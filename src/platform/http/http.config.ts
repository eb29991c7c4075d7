import { z } from 'zod';
import { defineSection, type ConfigOf } from '../config/section.js';

/** The public HTTP server. */
export const httpConfig = defineSection('http', {
  host: z
    .string()
    .min(1)
    .default('0.0.0.0')
    .meta({ env: 'HOST', description: 'The address to listen on.' }),
  port: z.int().min(0).max(65_535).optional().meta({
    env: 'PORT',
    description:
      'The port to listen on; 0 takes a free one. Without it: 3000, or of a role alone auth 8080, posts 8081, realtime 8082, worker 8083.',
  }),
  bodyLimitBytes: z
    .int()
    .min(1024)
    .default(150_000)
    .meta({ description: 'A larger body is answered 413.' }),
  requestTimeoutSeconds: z.number().min(1).max(300).default(10).meta({
    description: 'Headers and body of a request must have arrived by then, else 408.',
  }),
  keepAliveSeconds: z.number().min(1).default(72).meta({
    description: 'An idle connection is kept this long; longer than the gateway keeps its own.',
  }),
});
export type HttpConfig = ConfigOf<typeof httpConfig>;
