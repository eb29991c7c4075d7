import { SpanKind } from '@opentelemetry/api';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { platformErrors } from '../errors/platform.errors.js';
import { IdempotencyClaim, idempotencyKeyPattern } from '../idempotency/claim.js';
import type { LoggingConfig } from '../logging/logging.config.js';
import { httpRequestDuration, httpRequestsTotal } from '../metrics/platform.telemetry.js';
import { logAccess } from '../logging/logger.js';
import { runInContext, type RequestContext } from '../observability/request-context.js';
import { parseTraceParent } from '../tracing/trace-context.js';
import { endEntryTrace, startEntryTrace } from '../tracing/tracing.js';
import { accessSampling, type KeepsRecord } from './access-sampling.js';
import { announceCompression } from './compression.js';
import { etagOf, matchesEtag } from './etag.js';
import type { HttpConfig } from './http.config.js';
import type { Load } from './load.js';
import { originOf } from './origin-of.js';
import { requestIdFrom } from './request-id.js';
import { holdsSecret, holdsSecretBesideCodes, secretInUrl } from '../security/secrets-in-url.js';
import { sessionCookieOf } from '../security/session-cookies.js';
import { securityHeadersOf } from './security-headers.js';

declare module 'fastify' {
  interface FastifyInstance {
    /** Whether the process is going away; answers then close their connections. */
    isDraining: () => boolean;
  }
  interface FastifyContextConfig {
    /** Whether a sign-in provider sends browsers here, with a code that may look like a token. */
    takesCodes?: boolean;
  }
  interface FastifyRequest {
    work: RequestContext;
  }
}

/**
 * What surrounds every request, as plain Fastify hooks: its context, the answer's common headers,
 * metrics, access log and span. One place, and cheaper than interceptors (no observables).
 */
export function installHttpHooks(
  fastify: FastifyInstance,
  load: Load,
  http: HttpConfig,
  logging: LoggingConfig,
): void {
  const keepsRecord = accessSampling(logging);
  fastify.decorateRequest('work');
  fastify.decorate('isDraining', () => false);
  fastify.addHook('onRequest', (request, reply, done) => {
    const work = openContext(request);
    request.work = work;
    void reply.headers(securityHeadersOf(request.url)).header('x-request-id', work.requestId);
    if (!holdsSecret(request.url)) return runInContext(work, done);
    const { config } = request.routeOptions;
    const isRefused = !config.takesCodes || holdsSecretBesideCodes(request.url);
    runInContext(work, () => done(isRefused ? secretInUrl() : undefined));
  });
  // The body arrives in the socket's own async context: enter ours again behind it.
  fastify.addHook('preValidation', (request, _reply, done) => {
    const key = request.work.idempotency?.key;
    const refused =
      key !== undefined && !idempotencyKeyPattern.test(key) ? badIdempotencyKey() : undefined;
    runInContext(request.work, () => done(refused));
  });
  fastify.addHook('onSend', (request, reply, payload, done) => {
    load.leave(reply.raw);
    if (http.compression) announceCompression(request, reply, payload);
    if (request.work.idempotency?.replayed) void reply.header('idempotency-replayed', 'true');
    if (request.work.degraded) void reply.header('x-degraded', request.work.degraded);
    // Answers depend on who asks, by a header or a cookie: no cache between may keep them.
    if (!reply.hasHeader('cache-control') && request.routeOptions.url?.startsWith('/api/'))
      void reply.header('cache-control', 'private, no-cache');
    if (request.server.isDraining()) void reply.header('connection', 'close');
    done(null, withEtag(request, reply, payload));
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    finish(request, reply, keepsRecord);
    done();
  });
}

function openContext(request: FastifyRequest): RequestContext {
  const { headers } = request;
  const traceparent = headers['traceparent'];
  const parent = parseTraceParent(typeof traceparent === 'string' ? traceparent : undefined);
  const trace = startEntryTrace(request.method, SpanKind.SERVER, parent);
  const work: RequestContext = {
    requestId: requestIdFrom(headers['x-request-id']),
    startedAt: performance.now(),
    origin: () => originOf(request),
    ...trace,
  };
  const key = headers['idempotency-key'];
  if (request.method === 'POST' && typeof key === 'string') {
    work.idempotency = new IdempotencyClaim(
      key,
      `${request.method} ${request.url} ${String(headers['x-tenant'])}`,
      `${request.ip} ${sessionCookieOf(request) ?? ''}`,
      () => request.body,
    );
  }
  return work;
}

const badIdempotencyKey = (): Error =>
  platformErrors.validation_failed({
    errors: [
      {
        path: 'Idempotency-Key',
        code: 'invalid_format',
        message: 'expected 1 to 255 printable characters',
      },
    ],
  });

/** Tags single resources and lists alike, and answers 304 when the caller has the same bytes already. */
function withEtag(request: FastifyRequest, reply: FastifyReply, payload: unknown): unknown {
  if (
    (request.method !== 'GET' && request.method !== 'HEAD') ||
    reply.statusCode !== 200 ||
    typeof payload !== 'string'
  )
    return payload;
  if (!request.routeOptions.url?.startsWith('/api/')) return payload;
  // A route may have made a tag of its own.
  const etag = String(reply.getHeader('etag') ?? etagOf(payload));
  void reply.header('etag', etag);
  const known = request.headers['if-none-match'];
  if (known === undefined || !matchesEtag(known, etag)) return payload;
  void reply.code(304).removeHeader('content-length');
  return null;
}

function finish(request: FastifyRequest, reply: FastifyReply, keepsRecord: KeepsRecord): void {
  const { work, method } = request;
  const status = reply.statusCode;
  const seconds = (performance.now() - work.startedAt) / 1000;
  const route = request.routeOptions.url ?? 'unmatched';
  const labels = { method, route, status };
  const isRecorded = endEntryTrace(work, work.fault, () => ({
    name: `${method} ${route}`,
    kind: SpanKind.SERVER,
    attributes: {
      'http.request.method': method,
      'http.route': route,
      'http.response.status_code': status,
      'mainstay.request_id': work.requestId,
    },
  }));
  httpRequestsTotal.inc(labels);
  if (!work.isStream)
    httpRequestDuration.observe(labels, seconds, isRecorded ? work.traceId : undefined);
  if (!keepsRecord(method, route, status, seconds)) return;
  const durationMs = Math.round(seconds * 1e6) / 1e3;
  logAccess(work, { method, endpoint: route, status, durationMs });
}
