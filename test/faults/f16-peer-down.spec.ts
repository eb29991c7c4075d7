import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { Client, eventually } from '../support/client.js';
import { Control } from '../support/control.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { degrades } from '../support/degrades.js';
import { metric } from '../support/metrics.js';
import { freePort, runApp, type AppProcess } from '../support/process.js';

describe('a process of a split deployment that is down', () => {
  let database: TestDatabase;
  let folder: string;
  beforeAll(async () => {
    database = await createDatabase();
    folder = mkdtempSync(join(tmpdir(), 'mainstay-peer-'));
  });
  afterAll(async () => {
    await database.drop();
    rmSync(folder, { recursive: true });
  });

  async function start(file: string, env: Record<string, string>): Promise<[AppProcess, Client]> {
    const app = runApp(`entrypoints/${file}.js`, {
      DATABASE_URL: database.url,
      MAINSTAY_DATA_DIR: folder,
      REDIS_URL: process.env['TEST_REDIS_URL'] ?? '',
      // A feed that only Redis has left is to be found there, also where that takes a moment.
      MAINSTAY__REDIS__TIMEOUT_MS: '1000',
      PORT: '0',
      ...env,
    });
    const started = await app.log((record) => record.event === 'started');
    return [app, new Client(String(started['url']))];
  }

  degrades(
    {
      id: 'F16',
      dependency: 'The process of auth (split deployment)',
      fault: 'killed',
      works: 'tokens that were seen before, feeds and posts whose authors are cached, sockets',
      lost: 'logins, and what needs an account that is not cached: 503 with `Retry-After`',
      seen: '`circuit_breaker_state{name="rpc_auth"}` 2 in the other processes',
    },
    async () => {
      const ports = {
        MAINSTAY__RPC__AUTH__PORT: String(await freePort()),
        MAINSTAY__RPC__POSTS__PORT: String(await freePort()),
      };
      let [auth, accounts] = await start('auth', ports);
      const [posts, client] = await start('posts', ports);
      const ada = await accounts.account('ada');
      const post = await client.write(ada, 'Before.');
      const feed = () => client.get('/api/v1/posts/feed', ada.token);
      expect((await feed()).body.items).toHaveLength(1);

      await auth.stop('SIGKILL');
      expect([(await feed()).status, (await feed()).body.items.length]).toEqual([200, 1]);
      expect((await client.get(`/api/v1/posts/${post.id}`, ada.token)).status).toBe(200);
      const byName = () => client.get('/api/v1/posts?author=somebody_else');
      await eventually(async () => {
        const refused = await byName();
        expect([refused.status, refused.body.code]).toEqual([503, 'dependency_unavailable']);
        expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
        expect(await metric(client, 'circuit_breaker_state', { name: 'rpc_auth' })).toBe(2);
      });
      expect((await client.get('/readyz')).status).toBe(200);

      [auth, accounts] = await start('auth', ports);
      await eventually(async () => expect((await byName()).status).toBe(200));
      expect((await client.write(await accounts.account('bob'), 'After.')).id).toBeTruthy();
      expect([await posts.stop(), await auth.stop()]).toEqual([0, 0]);
    },
  );

  degrades(
    {
      id: 'F16',
      dependency: 'The process of auth (split deployment)',
      fault: 'stopped: connections stay, and nothing answers',
      works: 'tokens that were seen before, feeds and posts whose authors are cached, sockets',
      lost: 'what needs an account that is not cached: 503 with `Retry-After` within 3 s',
      seen: '`/readyz` 200 `degraded`, `circuit_breaker_state{name="rpc_auth"}` 2',
    },
    async () => {
      const ports = {
        MAINSTAY__RPC__AUTH__PORT: String(await freePort()),
        MAINSTAY__RPC__POSTS__PORT: String(await freePort()),
      };
      const [auth, accounts] = await start('auth', ports);
      const [posts, client] = await start('posts', ports);
      const ada = await accounts.account('ada');
      await client.write(ada, 'Before.');
      // Nothing of bob is cached where posts are served.
      const bob = await accounts.account('bob');
      auth.child.kill('SIGSTOP');
      const byName = () => client.get(`/api/v1/posts?author=${bob.username}`);
      const control = new Control();
      const asked: { from: number; to: number }[] = [];
      for (let n = 0; n < 6; n++) {
        const from = Date.now();
        const { status, body } = await byName();
        expect([status, body.code]).toEqual([503, 'dependency_unavailable']);
        asked.push({ from, to: Date.now() });
      }
      await control.stop();
      for (const { from, to } of asked)
        expect(to - from).toBeLessThan(3250 + control.worst(from, to));
      expect((await client.get('/api/v1/posts/feed', ada.token)).body.items).toHaveLength(1);
      await eventually(async () => {
        const ready = await client.get('/readyz');
        expect([ready.status, ready.body.status]).toEqual([200, 'degraded']);
      });
      auth.child.kill('SIGCONT');
      await eventually(async () => expect((await byName()).status).toBe(200));
      expect([await posts.stop(), await auth.stop()]).toEqual([0, 0]);
    },
  );
});
