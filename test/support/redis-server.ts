import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { find, programs } from '../setup/install.ts';
import { freePort } from './process.js';

/** A Redis that belongs to one test, which may do to it what it likes. */
export interface RedisServer {
  url: string;
  port: number;
  /** SIGKILL: connections are reset, new ones refused. */
  kill(): Promise<void>;
  /** SIGSTOP: connections stay, and nothing answers. */
  pause(): void;
  resume(): void;
  /** Starts it again on the same port; it remembers nothing. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** @param more of its arguments, e.g. `['--replicaof', '127.0.0.1', '7000']` */
export async function startRedisServer(more: string[] = []): Promise<RedisServer> {
  const port = await freePort();
  // Of its own: a replica keeps the copy that it got there, and whoever starts there next would load it.
  const folder = mkdtempSync(join(tmpdir(), 'mainstay-redis-'));
  let server = await spawnRedis(port, folder, more);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const exited = once(server, 'exit');
    server.kill('SIGCONT'); // a stopped process does not hear of SIGTERM
    server.kill(signal);
    await exited;
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    kill: () => end('SIGKILL'),
    pause: () => void server.kill('SIGSTOP'),
    resume: () => void server.kill('SIGCONT'),
    restart: async () => {
      await end('SIGKILL');
      rmSync(join(folder, 'dump.rdb'), { force: true });
      server = await spawnRedis(port, folder, more);
    },
    stop: async () => {
      await end('SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function spawnRedis(port: number, folder: string, more: string[]): Promise<ChildProcess> {
  const program = find(programs.redis);
  if (program === undefined) {
    throw new Error('this test starts a Redis of its own, and there is no redis-server');
  }
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder];
  args.push(...more);
  const server = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  for await (const line of server.stdout) {
    output += String(line);
    if (output.includes('Ready to accept connections')) {
      server.stdout.destroy();
      return server;
    }
  }
  throw new Error(`redis-server did not start: ${output}`);
}
