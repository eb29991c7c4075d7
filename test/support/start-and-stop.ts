/**
 * Starts a role of the built application, uses it, stops it, and then just lets the process be: with
 * nothing left open Node ends by itself. Else it says after some seconds what is, and exits 1.
 */
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { WebSocket } from 'ws';

const dist = resolve(import.meta.dirname, '../../dist');
const load = async <T>(path: string): Promise<T> => (await import(join(dist, path))) as T;

await import('reflect-metadata');
await load('app/every-section.js');
const { loadConfig } = await load<typeof import('../../src/platform/config/load-config.js')>(
  'platform/config/load-config.js',
);
const { createApp } = await load<typeof import('../../src/app/create-app.js')>('app/create-app.js');
const { Lifecycle } = await load<typeof import('../../src/platform/lifecycle/lifecycle.js')>(
  'platform/lifecycle/lifecycle.js',
);

const role = process.argv[2] as 'all' | 'worker' | 'realtime';
process.env['MAINSTAY__LOGGING__LEVEL'] = 'silent';
const app = await createApp(role, loadConfig());
await app.listen(0, '127.0.0.1');
const url = await app.getUrl();
await (await fetch(`${url}/readyz`)).text();
if (role !== 'worker') {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`);
  await once(socket, 'message');
}
await app.get(Lifecycle).stop();
await app.getHttpAdapter().close();
await app.close();

// Does not keep the process alive itself: it speaks only when something else does.
setTimeout(() => {
  process.stderr.write(`still open: ${process.getActiveResourcesInfo().join(', ')}\n`);
  process.exit(1);
}, 8000).unref();
