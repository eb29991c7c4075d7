import { spawn, type ChildProcess } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Cleanup } from './cleanup.ts';

/** Connections to PostgreSQL, the same for every server. */
export const POOL_SIZE = 10;
export const SAMPLE_RATIO = 0.1;

export const serverNames = ['node-http', 'fastify', 'mainstay'] as const;
export type ServerName = (typeof serverNames)[number];

export interface Server<Name extends string = ServerName> {
  name: Name;
  port: number;
  pid: number;
  /** From the start of the process to the first answer of its readiness probe. */
  readyMs: number;
  /** What it wrote to stderr until now. */
  stderr(): string;
  stop(): Promise<void>;
}

const root = join(import.meta.dirname, '..');
const START_TIMEOUT_MS = 20_000;

const commands: Record<ServerName, string[]> = {
  'node-http': [join(import.meta.dirname, 'baselines/node-http.ts')],
  fastify: [join(import.meta.dirname, 'baselines/fastify.ts')],
  mainstay: [
    '--import',
    join(root, 'dist/platform/tracing/tracing-preload.js'),
    join(root, 'dist/main.js'),
  ],
};

/** Everything on, as in production with full logs; only the limits are off, or nothing could be measured. */
function mainstayEnvironment(sinkPort: number): NodeJS.ProcessEnv {
  return {
    MAINSTAY__DATABASE__POOL__BUDGET: String(POOL_SIZE),
    MAINSTAY__LIMITS__ENABLED: 'false',
    // What it can do is measured, not whom it turns away.
    MAINSTAY__AUTH__HASH_WAIT_SECONDS: '60',
    MAINSTAY__LIFECYCLE__ENDPOINT_DELAY_SECONDS: '0',
    MAINSTAY__LOGGING__SAMPLING__READS: '1',
    MAINSTAY__LOGGING__SAMPLING__WRITES: '1',
    LOG_FORMAT: 'json',
    LOG_LEVEL: 'info',
    HOST: '127.0.0.1',
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${sinkPort}`,
    OTEL_TRACES_SAMPLER_ARG: String(SAMPLE_RATIO),
    // Metrics are for Prometheus, logs for stdout; the SDK would export both over OTLP otherwise.
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none',
  };
}

/** Where servers run: their database, their data folder, their trace collector. */
export interface Surroundings {
  folder: string;
  databaseUrl: string;
  sinkPort: number;
}

/** Starts a server in a process of its own and waits until it is ready. */
export async function startServer(
  name: ServerName,
  { folder, databaseUrl, sinkPort }: Surroundings,
  cleanup: Cleanup,
  nodeFlags: string[] = [],
  more: NodeJS.ProcessEnv = {},
): Promise<Server> {
  const port = await freePort();
  const environment = {
    PATH: process.env['PATH'],
    PORT: String(port),
    DATABASE_URL: databaseUrl,
    MAINSTAY_DATA_DIR: folder,
    POOL_SIZE: String(POOL_SIZE),
    ...(name === 'mainstay' && mainstayEnvironment(sinkPort)),
    ...more,
  };
  const errors = join(folder, `${name}-${port}.stderr`);
  const started = performance.now();
  const child = spawnDetached([...nodeFlags, ...commands[name]], environment, errors);
  const stop = (): Promise<void> => end(child);
  cleanup.add(stop);
  const stderr = (): string => readFileSync(errors, 'utf8');
  await untilReady(name, port, child, stderr);
  const readyMs = performance.now() - started;
  return { name, port, pid: child.pid ?? 0, readyMs, stderr, stop };
}

/** Starts the process that takes the traces. @returns its port */
export async function startSink(folder: string, cleanup: Cleanup): Promise<number> {
  const port = await freePort();
  const script = join(import.meta.dirname, 'otlp-sink.ts');
  const child = spawnDetached([script], { PORT: String(port) }, join(folder, 'sink.stderr'));
  cleanup.add(() => end(child));
  return port;
}

/** In a process group of its own: Ctrl-C reaches us alone, and we stop it in order. */
function spawnDetached(args: string[], env: NodeJS.ProcessEnv, stderrFile: string): ChildProcess {
  const child = spawn(process.execPath, args, {
    env,
    cwd: root,
    detached: true,
    stdio: ['ignore', openSync('/dev/null', 'w'), openSync(stderrFile, 'w')],
  });
  return child;
}

async function untilReady(
  name: string,
  port: number,
  child: ChildProcess,
  stderr: () => string,
): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (performance.now() < deadline) {
    if (child.exitCode !== null) break;
    try {
      const response = await fetch(`http://127.0.0.1:${port}/readyz`);
      await response.arrayBuffer();
      if (response.ok) return;
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // not listening yet
    }
    await pause(5);
  }
  throw new Error(`${name} did not get ready:\n${stderr()}`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const forced = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(forced);
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** Resident memory of a process in MiB; undefined where the system does not tell (no /proc). */
export async function residentMiB(pid: number): Promise<number | undefined> {
  if (process.platform !== 'linux') return undefined;
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  return kib === undefined ? undefined : Number(kib) / 1024;
}
