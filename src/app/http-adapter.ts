import type { RequestListener } from 'node:http';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { platformErrors } from '../platform/errors/platform.errors.js';
import { rememberRoutes } from '../platform/http/allowed-methods.js';
import { installCompression } from '../platform/http/compression.js';
import { corsHeadersFor, installCors } from '../platform/http/cors.js';
import { Gate } from '../platform/http/gate.js';
import type { HttpConfig } from '../platform/http/http.config.js';
import { installHttpHooks } from '../platform/http/http-hooks.js';
import { createHttpServer } from '../platform/http/http-server.js';
import { Load } from '../platform/http/load.js';
import type { OverloadConfig } from '../platform/http/overload.config.js';
import { prepareProblem, refuseConnection } from '../platform/http/raw-problem.js';
import { requestIdFrom } from '../platform/http/request-id.js';
import type { LoggingConfig } from '../platform/logging/logging.config.js';
import { holdsSecret, secretInUrl, shownPath } from '../platform/security/secrets-in-url.js';
import type { SecurityConfig } from '../platform/security/security.config.js';

/** Fastify as every role uses it: the gate before it, its limits, and the hooks around every request. */
export function createHttpAdapter(
  http: HttpConfig,
  overload: OverloadConfig,
  security: SecurityConfig,
  logging: LoggingConfig,
): FastifyAdapter {
  const load = new Load(overload);
  const isDraining = (): boolean => adapter.getInstance<FastifyInstance>().isDraining();
  const gate = new Gate(load, http.maxUrlLength, corsHeadersFor(http.corsOrigins), isDraining);
  const adapter: FastifyAdapter = new FastifyAdapter({
    logger: false,
    skipMiddie: true, // no Express middleware anywhere: hooks and guards instead
    serverFactory: (handler: RequestListener) => createHttpServer(handler, http, gate, load),
    trustProxy: security.trustedProxies.length > 0 ? security.trustedProxies : false,
    bodyLimit: http.bodyLimitBytes,
    handlerTimeout: Math.round(http.handlerTimeoutSeconds * 1000),
    routerOptions: { maxParamLength: 256 },
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    return503OnClosing: false, // who still has a connection is served; every answer closes it
    clientErrorHandler: refuseConnection,
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      // A path that cannot be decoded, or with a part too long: the hooks have not run, so there is no context to tell.
      const refusal = holdsSecret(request.url)
        ? secretInUrl()
        : platformErrors.malformed_request({ cause: error });
      if (refusal.status === 401) void reply.header('www-authenticate', 'Bearer');
      const id = requestIdFrom(request.headers['x-request-id']);
      const { text, headers } = prepareProblem(refusal)(shownPath(request.url), id);
      for (let i = 0; i < headers.length; i += 2) reply.header(headers[i] ?? '', headers[i + 1]);
      void reply.code(refusal.status).send(text);
    },
  });
  const fastify = adapter.getInstance<FastifyInstance>();
  fastify.removeContentTypeParser('text/plain');
  rememberRoutes(fastify);
  installHttpHooks(fastify, load, http, logging);
  return adapter;
}

/** The plugins around every request. To be called before there are routes. */
export async function installHttpPlugins(
  fastify: FastifyInstance,
  http: HttpConfig,
): Promise<void> {
  await installCors(fastify, http.corsOrigins);
  if (http.compression) await installCompression(fastify);
}
