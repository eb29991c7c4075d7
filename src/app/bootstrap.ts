import './preflight.js';
import 'reflect-metadata';
import { Transport, type MicroserviceOptions } from '@nestjs/microservices';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { loadConfig, valueOf, type Configuration } from '../platform/config/load-config.js';
import { commit, version } from '../platform/config/version.js';
import { useDatabase } from '../platform/database/use-database.js';
import { httpConfig } from '../platform/http/http.config.js';
import { lifecycleConfig } from '../platform/lifecycle/lifecycle.config.js';
import { Lifecycle } from '../platform/lifecycle/lifecycle.js';
import { installShutdown, listenForSignals } from '../platform/lifecycle/shutdown.js';
import { configureLogger, loggerOf } from '../platform/logging/logger.js';
import { loggingConfig } from '../platform/logging/logging.config.js';
import { tracingConfig } from '../platform/tracing/tracing.config.js';
import { appInfo } from '../platform/metrics/platform.telemetry.js';
import { configureTracing } from '../platform/tracing/tracing.js';
import { rpcConfig } from '../platform/rpc/rpc.config.js';
import { assertPortFree } from './assert-port-free.js';
import { createApp } from './create-app.js';
import { exitWithReason } from './exit-with-reason.js';
import { printWelcome } from './welcome.js';
import { roles, type Role, type RoleDefinition } from './roles.js';

const log = loggerOf('app');

/** Starts one role. The only way any process of the application comes to life. */
export async function bootstrap(role: Role): Promise<void> {
  listenForSignals();
  try {
    await start(role, loadConfig());
  } catch (error) {
    await exitWithReason(error);
  }
}

async function start(role: Role, configuration: Configuration): Promise<void> {
  configureLogger(valueOf(configuration, loggingConfig), { role, version });
  configureTracing(valueOf(configuration, tracingConfig));
  appInfo.set({ version, commit, role }, 1);

  const { port = roles[role].port, host } = valueOf(configuration, httpConfig);
  await assertPortFree(port, host);
  const stopDatabase = await useDatabase(configuration);
  const app = await createApp(role, configuration).catch(async (error: unknown) => {
    await stopDatabase();
    throw error;
  });
  const lifecycle = app.get(Lifecycle);
  try {
    await listen(app, role, configuration);
  } catch (error) {
    await lifecycle.stop();
    await app.close();
    await stopDatabase();
    throw error;
  }
  installShutdown(app, lifecycle, valueOf(configuration, lifecycleConfig), stopDatabase);
  lifecycle.ready();
  const url = await app.getUrl();
  log.info(
    { event: 'started', url, ready_ms: Math.round(performance.now()) },
    `${role} is ready at ${url}`,
  );
  printWelcome(role, url, valueOf(configuration, loggingConfig));
}

/** Opens the public port, and the internal one of a role that others call. */
async function listen(
  app: NestFastifyApplication,
  role: Role,
  configuration: Configuration,
): Promise<void> {
  const definition: RoleDefinition = roles[role];
  const http = valueOf(configuration, httpConfig);
  if (definition.rpc) {
    const rpc = valueOf(configuration, rpcConfig);
    const { port } = rpc[definition.rpc];
    app.connectMicroservice<MicroserviceOptions>({
      transport: Transport.TCP,
      options: { host: rpc.bindHost, port },
    });
    await app.startAllMicroservices();
  }
  await app.listen(http.port ?? definition.port, http.host);
}
