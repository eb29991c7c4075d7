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
  inactivitySeconds: z.number().min(1).default(60).meta({
    description:
      'A connection with a request under way on which nothing moves for so long is cut: a client that does not read its answer. Longer than handlerTimeoutSeconds, or handlers are cut without an answer.',
  }),
  handlerTimeoutSeconds: z.number().min(1).max(2_000_000).default(50).meta({
    description: 'A request whose handler takes longer is answered 503.',
  }),
  maxUrlLength: z
    .int()
    .min(256)
    .max(16_000)
    .default(8192)
    .meta({ description: 'A longer address is answered 414.' }),
  corsOrigins: z
    .array(
      z.string().regex(/^https?:\/\/[^/*\s]+$/, 'expected an origin, e.g. https://app.example.com'),
    )
    .default([])
    .meta({
      env: 'CORS_ORIGINS',
      description:
        'Origins whose pages may read answers, and write with the cookie of a browser session. Comma-separated in the environment.',
    }),
  compression: z.boolean().default(true).meta({
    description: 'Whether texts over 1 KB are compressed for clients that take it.',
  }),
});
export type HttpConfig = ConfigOf<typeof httpConfig>;
