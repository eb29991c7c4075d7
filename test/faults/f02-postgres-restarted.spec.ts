import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { SocketClient } from '../../scripts/socket-client.ts';
import { eventually } from '../support/client.js';
import { Control } from '../support/control.js';
import { degrades } from '../support/degrades.js';
import { createInstances, type Instances } from '../support/instances.js';
import { Load } from '../support/load.js';
import { metric } from '../support/metrics.js';
import { startPostgresServer, type PostgresServer } from '../support/postgres-server.js';
import { succeeded, type Sample } from '../support/sample.js';

const ANSWERED_WITHIN_MS = 3000;
const BACK_WITHIN_MS = 10_000;
const unavailable = { code: 'dependency_unavailable' };

describe('PostgreSQL', () => {
  let postgres: PostgresServer;
  let instances: Instances;
  beforeAll(async () => {
    postgres = await startPostgresServer();
    instances = await createInstances(postgres.database);
  });
  // Hooks of their own: each is done, whatever becomes of the others.
  afterAll(() => instances?.clean());
  afterAll(() => postgres?.stop());

  /** Runs a load over an outage, and checks what its clients saw. */
  async function outage(url: string, away: () => Promise<void>): Promise<void> {
    let returned = 0;
    const control = new Control();
    const load = await Load.during(url, async (running) => {
      await running.goesOnAfter(Date.now() + 1000);
      await away();
      returned = Date.now();
      await running.goesOnAfter(returned + BACK_WITHIN_MS + 1000);
    });
    await control.stop();
    const failed = load.samples.filter((sample) => !succeeded(sample));
    const isLate = ({ startedAt, ms }: Sample) =>
      ms > ANSWERED_WITHIN_MS + 250 + control.worst(startedAt, startedAt + ms);
    const improper = (sample: Sample) =>
      sample.status !== 503 || !/^\d+$/.test(sample.retryAfter ?? '') || isLate(sample);
    expect(failed.filter(improper)).toEqual([]);
    expect(failed.filter(({ startedAt }) => startedAt > returned + BACK_WITHIN_MS)).toEqual([]);
    expect(load.unresolved).toEqual([]);
    expect(await load.verify(postgres.database.pool)).toEqual({ lost: [], doubled: [] });
  }

  degrades(
    {
      id: 'F2',
      dependency: 'PostgreSQL',
      fault: 'restarted',
      works: 'everything: what meets a restart of up to two seconds waits for its end',
      lost: 'nothing; of a longer one, requests that meet it: 503 with `Retry-After` within 3 s',
      seen: 'log event `db_connection_lost`',
    },
    async () => {
      const { app, client } = await instances.start();
      await outage(client.url, () => postgres.restart());
      expect(app.logs.some(({ event }) => event === 'db_connection_lost')).toBe(true);
      expect((await client.get('/readyz')).body.status).toBe('ok');
      expect(await app.stop()).toBe(0);
    },
  );

  degrades(
    {
      id: 'F2',
      dependency: 'PostgreSQL',
      fault: 'killed, and back after some seconds',
      works:
        'everything again within 10 s of its return, sockets too, on as few connections as before',
      lost: 'all that needs the database: 503 with `Retry-After` within 3 s; no acknowledged write',
      seen: '`/readyz` 503 `unavailable`, `errors_total{code="dependency_unavailable"}`',
    },
    async () => {
      const { app, client } = await instances.start();
      const ada = await client.account('ada');
      const socket = await SocketClient.open(client.url, ada.token);
      await socket.subscribe('feed');
      const away = async () => {
        await postgres.kill();
        await eventually(async () => expect((await client.get('/readyz')).status).toBe(503));
        const refused = await client.post('/api/v1/posts', { body: 'Lost?' }, ada.token);
        expect([refused.status, refused.body.code]).toEqual([503, 'dependency_unavailable']);
        expect((await client.get('/healthz')).status).toBe(200);
        // Long enough for several attempts to join the bus again: each of them must leave nothing behind.
        const attempts = () =>
          app.logs.filter((record) => record.event === 'bus_reconnect_failed').length;
        await eventually(async () => {
          expect(attempts()).toBeGreaterThanOrEqual(6);
          await Promise.resolve();
        });
        expect(attempts()).toBeLessThan(20);
        await postgres.start();
      };
      await outage(client.url, away);

      expect(await metric(client, 'errors_total', unavailable)).toBeGreaterThan(0);
      await eventually(async () => expect((await client.get('/readyz')).status).toBe(200));
      const post = await client.write(ada, 'After the outage.');
      expect((await socket.event('post.created')).data.id).toBe(post.id);
      socket.close();
      await eventually(async () => {
        const { rows } = await postgres.database.pool.query(
          `SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'mainstay bus'`,
        );
        expect(rows).toEqual([{ n: 1 }]);
      });
      expect(await app.stop()).toBe(0);
    },
  );
});
