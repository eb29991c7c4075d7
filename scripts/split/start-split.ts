/**
 * `npm run start:split`: the four roles as processes of their own, joined by @nestjs/microservices,
 * and one front port. For development and tests; production has a gateway and a supervisor.
 *
 * PORT sets the front port (3000); AUTH_PORT, POSTS_PORT, REALTIME_PORT and WORKER_PORT those of the
 * roles (8080-8083). Links in mails lead to the front port, unless PUBLIC_URL says otherwise.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { createFront } from './front.ts';

const root = resolve(import.meta.dirname, '../..');
const dist = join(root, 'dist');
const ports: Record<string, number> = { auth: 8080, posts: 8081, realtime: 8082, worker: 8083 };
for (const role of Object.keys(ports)) {
  const given = process.env[`${role.toUpperCase()}_PORT`];
  if (given) ports[role] = Number(given);
}
const frontPort = Number(process.env['PORT'] ?? 3000);

const front = createFront(ports);
await takePort(); // before anything is started that would have to be stopped again
const database = await ownDatabase();
const children: ChildProcess[] = [];
let stopping = false;

async function ownDatabase(): Promise<{ url: string; stop: () => Promise<void> }> {
  const { MAINSTAY_DATA_DIR: folder = '' } = process.env;
  const given = process.env['DATABASE_URL'];
  if (given) return { url: given, stop: () => Promise.resolve() };
  const embedded = (await import(
    join(dist, 'platform/database/embedded-postgres.js')
  )) as typeof import('../../src/platform/database/embedded-postgres.js');
  return embedded.startEmbeddedPostgres(folder === '' ? join(root, '.data') : folder);
}

/** Starts a role and waits until it says that it is ready. */
async function start(role: string): Promise<void> {
  const preload = join(dist, 'platform/tracing/tracing-preload.js');
  const child = spawn(
    process.execPath,
    ['--import', preload, join(dist, `entrypoints/${role}.js`)],
    {
      cwd: root,
      env: {
        ...process.env,
        DATABASE_URL: database.url,
        PORT: String(ports[role]),
        ...(frontPort !== 0 && {
          PUBLIC_URL: process.env['PUBLIC_URL'] ?? `http://localhost:${frontPort}`,
        }),
        HOST: '127.0.0.1',
        LOG_FORMAT: 'json',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  children.push(child);
  child.on('exit', (code) => {
    if (!stopping) {
      process.stderr.write(`The ${role} process ended (${code}); the others are stopped.\n`);
      void stop(1);
    }
  });
  const lines = createInterface({ input: child.stdout });
  const ready = new Promise<void>((resolveReady) =>
    lines.on('line', (line) => {
      process.stdout.write(`${line}\n`);
      if (line.includes('"event":"started"')) resolveReady();
    }),
  );
  await Promise.race([ready, once(child, 'exit')]);
}

async function stop(code: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  front.close();
  const ended = children
    .filter((child) => child.exitCode === null && child.signalCode === null)
    .map((child) => once(child, 'exit'));
  for (const child of children) child.kill('SIGTERM');
  await Promise.all(ended);
  front.closeAllConnections();
  await database.stop();
  process.exit(code);
}

process.on('SIGTERM', () => void stop(0));
process.on('SIGINT', () => void stop(0));
await start('auth'); // the first one migrates and makes the signing key
await Promise.all(['posts', 'realtime', 'worker'].map(start));
// A role that did not come up has said why, and the others are being stopped: nothing is ready.
if (!stopping) announce();

async function takePort(): Promise<void> {
  try {
    front.listen(frontPort, process.env['HOST'] ?? '127.0.0.1');
    await once(front, 'listening');
  } catch (error) {
    const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
    process.stderr.write(
      isTaken
        ? `Port ${frontPort} is in use. Stop what listens there, or choose another: PORT=3001 npm run start:split\n`
        : `The front cannot listen on port ${frontPort}: ${String(error)}\n`,
    );
    process.exit(1);
  }
}

function announce(): void {
  const url = `http://127.0.0.1:${(front.address() as AddressInfo).port}`;
  process.stdout.write(
    `${JSON.stringify({ event: 'started', role: 'front', url, msg: `split, ready at ${url}` })}\n`,
  );
}
