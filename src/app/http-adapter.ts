import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { v7 as uuidv7 } from 'uuid';
import { platformErrors } from '../platform/errors/platform.errors.js';
import { toProblem } from '../platform/errors/problem.js';
import { rememberRoutes } from '../platform/http/allowed-methods.js';
import type { HttpConfig } from '../platform/http/http.config.js';
import { parserError, rawProblem } from '../platform/http/raw-problem.js';
import { installHttpHooks } from '../platform/http/http-hooks.js';
import type { LoggingConfig } from '../platform/observability/observability.config.js';
import type { SecurityConfig } from '../platform/security/security.config.js';

/** Fastify as every role uses it: its limits, and the hooks around every request. */
export function createHttpAdapter(
  http: HttpConfig,
  security: SecurityConfig,
  logging: LoggingConfig,
): FastifyAdapter {
  const adapter = new FastifyAdapter({
    logger: false,
    skipMiddie: true, // no Express middleware anywhere: hooks and guards instead
    trustProxy: security.trustedProxies.length > 0 ? security.trustedProxies : false,
    bodyLimit: http.bodyLimitBytes,
    requestTimeout: http.requestTimeoutSeconds * 1000,
    keepAliveTimeout: http.keepAliveSeconds * 1000,
    routerOptions: { maxParamLength: 256 },
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    return503OnClosing: false, // who still has a connection is served; every answer closes it,
    http: {
      maxHeaderSize: 16_384,
      // Any other upgrade (h2c, another path) is an ordinary request that happens to ask for one.
      shouldUpgradeCallback: ({ url, headers }: IncomingMessage) =>
        headers.upgrade?.toLowerCase() === 'websocket' && url?.split('?', 1)[0] === '/ws',
    },
    clientErrorHandler: (error: NodeJS.ErrnoException, socket: Socket) => {
      if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
      else socket.end(rawProblem(parserError(error.code), '/'));
    },
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      // A path that cannot be decoded: the hooks have not run, so there is no context to tell.
      const path = request.url.split('?', 1)[0] ?? '/';
      const problem = {
        ...toProblem(platformErrors.malformed_request({ cause: error }), path),
        requestId: uuidv7(),
      };
      void reply
        .code(400)
        .headers({
          'content-type': 'application/problem+json; charset=utf-8',
          'x-request-id': problem.requestId,
        })
        .send(JSON.stringify(problem));
    },
  });
  const fastify = adapter.getInstance<FastifyInstance>();
  fastify.removeContentTypeParser('text/plain');
  rememberRoutes(fastify);
  installHttpHooks(fastify, logging);
  return adapter;
}
