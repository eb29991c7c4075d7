import './preflight.js';
import 'reflect-metadata';
import { Transport, type MicroserviceOptions } from '@nestjs/microservices';
import { loadConfig, valueOf, type Configuration } from '../platform/config/load-config.js';
import { commit, version } from '../platform/config/version.js';
import { useEmbeddedDatabase } from '../platform/database/use-embedded-database.js';
import { httpConfig } from '../platform/http/http.config.js';
import { lifecycleConfig } from '../platform/lifecycle/lifecycle.config.js';
import { Lifecycle } from '../platform/lifecycle/lifecycle.js';
import { installShutdown } from '../platform/lifecycle/shutdown.js';
import { configureLogger, log } from '../platform/observability/logger.js';
import { loggingConfig, tracingConfig } from '../platform/observability/observability.config.js';
import { appInfo } from '../platform/observability/platform.telemetry.js';
import { setSampleRatio } from '../platform/observability/tracing.js';
import { rpcConfig } from '../platform/rpc/rpc.config.js';
import { createApp } from './create-app.js';
import { exitWithReason } from './exit-with-reason.js';
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
  const app = await createApp(role, configuration);
  if (definition.rpc) {
    const rpc = valueOf(configuration, rpcConfig);
    const { port } = rpc[definition.rpc];
    app.connectMicroservice<MicroserviceOptions>({
      transport: Transport.TCP,
      options: { host: rpc.bindHost, port },
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
