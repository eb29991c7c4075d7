import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { rememberRoutes } from '../platform/http/allowed-methods.js';
import type { HttpConfig } from '../platform/http/http.config.js';
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
    return503OnClosing: true,
    http: { maxHeaderSize: 16_384 },
  });
  const fastify = adapter.getInstance<FastifyInstance>();
  fastify.removeContentTypeParser('text/plain');
  rememberRoutes(fastify);
  installHttpHooks(fastify, logging);
  return adapter;
}
