import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';
import { running } from './running.ts';

/**
 * A real Redis: the one of TEST_REDIS_URL, else a `redis-server` of the machine, installed with apt
 * where we are root on Debian or Ubuntu. Without any of these the run ends, with the command to type.
 */
export async function startRedis(folder: string): Promise<string> {
  const given = process.env['TEST_REDIS_URL'];
  if (given) return given;
  const program = findRedis() ?? installRedis();
  const port = await freePort();
  const args = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--dir',
    folder,
    '--save',
    '',
    '--appendonly',
    'no',
  ];
  const server = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(server, 'exit');
  running.push(async () => {
    server.kill('SIGTERM');
    await exited;
  });
  for await (const line of server.stdout)
    if (String(line).includes('Ready to accept connections')) break;
  server.stdout.destroy();
  return `redis://127.0.0.1:${port}`;
}

export function findRedis(): string | undefined {
  const folders = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    '/usr/bin',
    '/usr/local/bin',
    '/opt/homebrew/bin',
  ];
  return folders.map((folder) => join(folder, 'redis-server')).find((path) => existsSync(path));
}

function installRedis(): string {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    throw new Error(
      'The tests need a Redis server and found none. Install it with one command:\n' +
        (process.platform === 'darwin'
          ? '  brew install redis\n'
          : '  sudo apt-get install -y redis-server\n') +
        'or set TEST_REDIS_URL to a server that the tests may use.',
    );
  }
  const options = {
    stdio: 'inherit',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  } as const;
  execFileSync('apt-get', ['update', '-qq'], options);
  execFileSync(
    'apt-get',
    ['install', '-y', '-qq', '--no-install-recommends', 'redis-server'],
    options,
  );
  const program = findRedis();
  if (!program)
    throw new Error('apt-get installed redis-server, but there is no redis-server to run');
  return program;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
