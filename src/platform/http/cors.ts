import cors, { type FastifyCorsOptions } from '@fastify/cors';
import type { FastifyInstance } from 'fastify';

const exposedHeaders = [
  ...['X-Request-Id', 'X-RateLimit-Limit', 'X-RateLimit-Remaining', 'X-RateLimit-Reset'],
  ...['Retry-After', 'ETag', 'Location', 'Idempotency-Replayed', 'X-Degraded'],
  'X-Consistency-Token',
];

const listed: FastifyCorsOptions = {
  credentials: true,
  methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
  allowedHeaders: [
    ...['Authorization', 'Content-Type', 'Idempotency-Key', 'If-Match', 'If-None-Match'],
    ...['X-Request-Id', 'X-Tenant', 'X-CSRF-Token', 'X-Consistency-Token', 'traceparent'],
  ],
  exposedHeaders,
  maxAge: 600,
};

/**
 * Lets pages of the listed origins read answers. Other origins, `null` among them, get no header at
 * all. Without a list nothing is installed, and no request pays for it.
 */
export async function installCors(fastify: FastifyInstance, origins: string[]): Promise<void> {
  if (origins.length === 0) return;
  const allowed = new Set(origins);
  await fastify.register(cors, {
    delegator: ({ headers }, callback) => {
      const { origin } = headers;
      if (origin === undefined || !allowed.has(origin)) return callback(null, { origin: false });
      // OPTIONS that asks for no method is no preflight, and answered like any other request.
      const preflight = headers['access-control-request-method'] !== undefined;
      callback(null, { ...listed, origin, preflight });
    },
  });
}

/** What an answer that is given before Fastify carries for its origin: names and values in turns. */
export type CorsHeaders = (origin: string | undefined) => readonly string[];

/** The same decision for the gate: a page must be able to read why it was refused. */
export function corsHeadersFor(origins: string[]): CorsHeaders {
  const others = origins.length > 0 ? ['vary', 'Origin'] : [];
  const byOrigin = new Map(
    origins.map((origin) => [
      origin,
      [
        ...others,
        ...['access-control-allow-origin', origin],
        ...['access-control-allow-credentials', 'true'],
        ...['access-control-expose-headers', exposedHeaders.join(', ')],
      ],
    ]),
  );
  return (origin) => byOrigin.get(origin ?? '') ?? others;
}
