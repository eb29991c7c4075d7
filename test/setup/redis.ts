import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { findOrInstall, programs } from './install.ts';
import { running } from './running.ts';

/** A real Redis for the whole run: the one of TEST_REDIS_URL, else a `redis-server` of the machine. */
export async function startRedis(folder: string): Promise<string> {
  const given = process.env['TEST_REDIS_URL'];
  if (given) return given;
  const program = findOrInstall(programs.redis);
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

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
