import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
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

export async function startRedisServer(): Promise<RedisServer> {
  const port = await freePort();
  let server = await spawnRedis(port);
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
      server = await spawnRedis(port);
    },
    stop: () => end('SIGTERM'),
  };
}

async function spawnRedis(port: number): Promise<ChildProcess> {
  const program = find(programs.redis);
  if (program === undefined) {
    throw new Error('this test starts a Redis of its own, and there is no redis-server');
  }
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', tmpdir()];
  const server = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of server.stdout)
    if (String(line).includes('Ready to accept connections')) break;
  server.stdout.destroy();
  return server;
}
