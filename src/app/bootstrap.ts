import './preflight.js';
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { Transport, type MicroserviceOptions } from '@nestjs/microservices';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { WsAdapter } from '@nestjs/platform-ws';
import { loadConfig, valueOf, type Configuration } from '../platform/config/load-config.js';
import { commit, version } from '../platform/config/version.js';
import { useEmbeddedDatabase } from '../platform/database/use-embedded-database.js';
import { httpConfig } from '../platform/http/http.config.js';
import { lifecycleConfig } from '../platform/lifecycle/lifecycle.config.js';
import { Lifecycle } from '../platform/lifecycle/lifecycle.js';
import { installShutdown } from '../platform/lifecycle/shutdown.js';
import { configureLogger, log } from '../platform/observability/logger.js';
import { NestLogger } from '../platform/observability/nest-logger.js';
import { loggingConfig, tracingConfig } from '../platform/observability/observability.config.js';
import { appInfo } from '../platform/observability/platform.telemetry.js';
import { setSampleRatio } from '../platform/observability/tracing.js';
import { rpcConfig } from '../platform/rpc/rpc.config.js';
import { securityConfig } from '../platform/security/security.config.js';
import { AppModule } from './app.module.js';
import { exitWithReason } from './exit-with-reason.js';
import { createHttpAdapter } from './http-adapter.js';
import { installDocs } from './docs.js';
import { printWelcome } from './welcome.js';
import { roles, type Role, type RoleDefinition } from './roles.js';

/** Starts one role. The only way any process of the application comes to life. */
export async function bootstrap(role: Role): Promise<void> {
  try {
    await start(role, loadConfig());
  } catch (error) {
    await exitWithReason(error);
  }
}

async function start(role: Role, configuration: Configuration): Promise<void> {
  const definition: RoleDefinition = roles[role];
  const http = valueOf(configuration, httpConfig);
  configureLogger(valueOf(configuration, loggingConfig), { role, version });
  setSampleRatio(valueOf(configuration, tracingConfig).sampleRatio);
  appInfo.set({ version, commit, role }, 1);

  const stopDatabase = await useEmbeddedDatabase(configuration);
  const adapter = createHttpAdapter(
    http,
    valueOf(configuration, securityConfig),
    valueOf(configuration, loggingConfig),
  );
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.of(role, configuration),
    adapter,
    {
      bufferLogs: true,
      abortOnError: false,
      bodyParser: false,
    },
  );
  app.useLogger(app.get(NestLogger));
  app.useWebSocketAdapter(new WsAdapter(app));
  app.useBodyParser('application/json', { bodyLimit: http.bodyLimitBytes });
  installDocs(app);
  if (definition.rpc) {
    const { host, port } = valueOf(configuration, rpcConfig)[definition.rpc];
    app.connectMicroservice<MicroserviceOptions>({
      transport: Transport.TCP,
      options: { host, port },
    });
    await app.startAllMicroservices();
  }
  const lifecycle = app.get(Lifecycle);
  await app.listen(http.port ?? definition.port, http.host);
  lifecycle.ready();
  installShutdown(app, lifecycle, valueOf(configuration, lifecycleConfig), stopDatabase);
  const url = await app.getUrl();
  log.info(
    { event: 'started', url, ready_ms: Math.round(performance.now()) },
    `${role} is ready at ${url}`,
  );
  printWelcome(role, url, valueOf(configuration, loggingConfig));
}
