import type { Server } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { INestApplication } from '@nestjs/common';
import { flushLogs, loggerOf } from '../logging/logger.js';
import { stopTracing } from '../tracing/tracing-preload.js';
import type { LifecycleConfig } from './lifecycle.config.js';
import type { Lifecycle } from './lifecycle.js';

const log = loggerOf('lifecycle');

/** What has to be stopped after the application itself, e.g. the embedded database. */
export type AfterClose = () => Promise<void>;

/**
 * Ends the process in order on SIGTERM, SIGINT and SIGHUP: readiness fails at once, requests are still
 * taken while load balancers notice, then the phases of `Lifecycle` (listeners, jobs, outbox, bus,
 * database, Redis), then the embedded database and at last telemetry and logs. A second signal changes nothing.
 */
export function installShutdown(
  app: INestApplication,
  lifecycle: Lifecycle,
  config: LifecycleConfig,
  afterClose: AfterClose,
): void {
  lifecycle.onStop('listeners', () => closeListeners(app, config.drainSeconds * 1000));
  let stopping = false;
  const stop = async (signal: string, code: number): Promise<void> => {
    if (stopping) return;
    stopping = true;
    lifecycle.drain();
    log.info({ event: 'shutdown_started', signal }, `shutting down (${signal})`);
    setTimeout(() => {
      log.error({ event: 'shutdown_timeout' }, 'the shutdown took too long; the process ends now');
      process.exit(1);
    }, config.deadlineSeconds * 1000).unref();
    try {
      // Ctrl-C comes from a person at a terminal: no load balancer has to notice anything.
      if (signal === 'SIGTERM') await pause(config.endpointDelaySeconds * 1000);
      await lifecycle.stop();
      await app.close();
      await afterClose();
      log.info({ event: 'shutdown_finished' }, 'bye');
      await stopTracing();
      await flushLogs();
      process.exit(code);
    } catch (error) {
      log.error({ err: error, event: 'shutdown_failed' }, 'the shutdown failed');
      await flushLogs();
      process.exit(1);
    }
  };
  onSignal((signal) => void stop(signal, 0));
  process.on('uncaughtException', (error) => {
    log.fatal(
      { err: error, event: 'uncaught_exception' },
      'uncaught exception: the process ends in order',
    );
    void stop('uncaughtException', 1);
  });
  process.on('unhandledRejection', (reason) => {
    log.fatal(
      { err: reason, event: 'unhandled_rejection' },
      'unhandled rejection: the process ends in order',
    );
    void stop('unhandledRejection', 1);
  });
}

let heard: NodeJS.Signals | undefined;
let obey: ((signal: NodeJS.Signals) => void) | undefined;

/**
 * Listens for the signals that end a process, from its first moment on. One that comes during the
 * start is obeyed as soon as the start is through: then there is an order in which to stop.
 */
export function listenForSignals(): void {
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(name, (signal) => {
      heard = signal;
      obey?.(signal);
    });
  }
}

function onSignal(stop: (signal: NodeJS.Signals) => void): void {
  obey = stop;
  if (heard) stop(heard);
}

/** Takes no more requests, lets the running ones finish, and cuts those that take too long. */
async function closeListeners(app: INestApplication, drainMs: number): Promise<void> {
  const server = app.getHttpServer() as Server;
  const cut = setTimeout(() => server.closeAllConnections(), drainMs);
  // Answers say «Connection: close» from the start of the drain; a client that keeps quiet is let go.
  const idle = setInterval(() => server.closeIdleConnections(), 100);
  await app.getHttpAdapter().close();
  clearInterval(idle);
  clearTimeout(cut);
}
