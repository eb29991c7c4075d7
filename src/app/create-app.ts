import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { valueOf, type Configuration } from '../platform/config/load-config.js';
import { Database } from '../platform/database/database.js';
import { installConsistencyHooks } from '../platform/http/consistency-hooks.js';
import { httpConfig } from '../platform/http/http.config.js';
import { overloadConfig } from '../platform/http/overload.config.js';
import { Lifecycle } from '../platform/lifecycle/lifecycle.js';
import { jsonBodyParser } from '../platform/http/json-body.js';
import { NestLogger } from '../platform/logging/nest-logger.js';
import { loggingConfig } from '../platform/logging/logging.config.js';
import { securityConfig } from '../platform/security/security.config.js';
import { AppModule } from './app.module.js';
import { installDocs } from './docs.js';
import { createHttpAdapter, installHttpPlugins } from './http-adapter.js';
import type { Role } from './roles.js';
import { SocketAdapter } from './socket-adapter.js';

/** The application of one role, whole but not listening yet. */
export async function createApp(
  role: Role,
  configuration: Configuration,
): Promise<NestFastifyApplication> {
  const http = valueOf(configuration, httpConfig);
  const adapter = createHttpAdapter(
    http,
    valueOf(configuration, overloadConfig),
    valueOf(configuration, securityConfig),
    valueOf(configuration, loggingConfig),
  );
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.of(role, configuration),
    adapter,
    {
      bufferLogs: true,
      abortOnError: false,
      bodyParser: false, // JSON is the only body there is
    },
  );
  const fastify = adapter.getInstance<FastifyInstance>();
  await installHttpPlugins(fastify, http);
  const { replicas } = app.get(Database);
  if (replicas) installConsistencyHooks(fastify, replicas);
  fastify.isDraining = () => app.get(Lifecycle).isDraining;
  app.useLogger(app.get(NestLogger));
  app.useWebSocketAdapter(new SocketAdapter(app));
  app.useBodyParser(
    'application/json',
    { bodyLimit: http.bodyLimitBytes },
    jsonBodyParser(fastify),
  );
  installDocs(app, role);
  return app;
}
