import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { SocketClient } from '../../scripts/socket-client.ts';
import { embeddedPostgres, type EmbeddedPostgresModule } from '../setup/built.ts';
import { Client, eventually } from '../support/client.js';
import { runApp } from '../support/process.js';

describe('PostgreSQL gone for some seconds', () => {
  let folder: string;
  let postgres: EmbeddedPostgresModule;
  let stop: () => Promise<void>;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mainstay-outage-'));
    postgres = await embeddedPostgres();
  });
  afterAll(async () => {
    await stop();
    rmSync(folder, { recursive: true });
  });

  it('is survived by the same process: 503 meanwhile, then everything works, on as few connections as before', async () => {
    const server = await postgres.startEmbeddedPostgres(folder);
    stop = server.stop;
    const pidFile = readFileSync(join(folder, 'postgres/postmaster.pid'), 'utf8').split('\n');
    const app = runApp('main.js', {
      DATABASE_URL: server.url,
      MAINSTAY_DATA_DIR: folder,
      PORT: '0',
    });
    const client = new Client(
      String((await app.log((record) => record.event === 'started'))['url']),
    );
    const ada = await client.account('ada');

    process.kill(Number(pidFile[0]), 'SIGINT');
    await eventually(async () => expect((await client.get('/readyz')).status).toBe(503));
    const refused = await client.post('/api/v1/posts', { body: 'Lost?' }, ada.token);
    expect([refused.status, refused.body.code]).toEqual([503, 'dependency_unavailable']);
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    expect((await client.get('/healthz')).status).toBe(200);
    // Long enough for several attempts to join the bus again: each of them must leave nothing behind.
    const attempts = () =>
      app.logs.filter((record) => record.event === 'bus_reconnect_failed').length;
    await eventually(() => Promise.resolve(expect(attempts()).toBeGreaterThanOrEqual(6)));
    expect(attempts()).toBeLessThan(20);

    await postgres.startEmbeddedPostgres(folder, { port: pidFile[3] ?? '' });
    await eventually(async () => expect((await client.get('/readyz')).status).toBe(200));
    const socket = await SocketClient.open(client.url, ada.token);
    await socket.subscribe('feed');
    const post = await client.write(ada, 'After the outage.');
    expect((await socket.event('post.created')).data.id).toBe(post.id);
    socket.close();
    const observer = new pg.Client({ connectionString: server.url });
    await observer.connect();
    await eventually(async () => {
      const { rows } = await observer.query(
        `SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'mainstay bus'`,
      );
      expect(rows).toEqual([{ n: 1 }]);
    });
    await observer.end();
    expect(await app.stop()).toBe(0);
  });
});
