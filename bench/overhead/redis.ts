import { spawn } from 'node:child_process';
import { find, programs } from '../../test/setup/install.ts';
import type { Cleanup } from '../cleanup.ts';
import { freePort } from '../servers.ts';

/** A Redis of the benchmark's own; that of TEST_REDIS_URL where one is given. */
export async function startRedis(folder: string, cleanup: Cleanup): Promise<string> {
  const given = process.env['TEST_REDIS_URL'];
  if (given) return given;
  const program = find(programs.redis);
  if (!program)
    throw new Error('no redis-server was found: install redis-server, or set TEST_REDIS_URL');
  const port = String(await freePort());
  const server = spawn(program, [
    '--port',
    port,
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--dir',
    folder,
  ]);
  const ended = new Promise((resolve) => server.once('exit', resolve));
  cleanup.add(async () => {
    server.kill('SIGTERM');
    await ended;
  });
  for await (const line of server.stdout)
    if (String(line).includes('Ready to accept connections')) break;
  return `redis://127.0.0.1:${port}`;
}
