import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { eventually } from '../support/client.js';
import { Control } from '../support/control.js';
import { degrades } from '../support/degrades.js';
import { createInstances, type Instances } from '../support/instances.js';
import { startPostgresServer, type PostgresServer } from '../support/postgres-server.js';
import { startProxy, type TcpProxy } from '../support/tcp-proxy.js';

const LATENCY_MS = 2000;
const LONGEST_MS = 10_000;
const REQUESTS = 300;

describe('PostgreSQL that is slow', () => {
  let postgres: PostgresServer;
  let proxy: TcpProxy;
  let instances: Instances;
  beforeAll(async () => {
    postgres = await startPostgresServer();
    proxy = await startProxy(postgres.port);
    instances = await createInstances(postgres.database);
  });
  // Hooks of their own: each is done, whatever becomes of the others.
  afterAll(() => instances?.clean());
  afterAll(() => proxy?.stop());
  afterAll(() => postgres?.stop());

  degrades(
    {
      id: 'F4',
      dependency: 'PostgreSQL',
      fault: '2 s slow',
      works: 'as many requests as there are connections, slowly',
      lost: 'the rest: 503 with `Retry-After`; nobody waits longer than 10 s',
      seen: '`db_query_duration_seconds`, `db_pool_connections{state="waiting"}`',
    },
    async () => {
      const url = new URL(postgres.database.url);
      url.port = String(proxy.port);
      const { app, client } = await instances.start({
        DATABASE_URL: url.href,
        MAINSTAY__DATABASE__POOL__BUDGET: '8',
      });
      const ada = await client.account('ada');
      const request = async (n: number) => {
        const startedAt = Date.now();
        const { status, headers } = await (n % 3 === 0
          ? client.post('/api/v1/posts', { body: `Slow ${n}.` }, ada.token, {
              'idempotency-key': `slow-${n}-${startedAt}`,
            })
          : client.get(`/api/v1/posts/feed?limit=${1 + (n % 100)}`, ada.token));
        const ms = Date.now() - startedAt;
        return { n, status, retryAfter: headers.get('retry-after'), startedAt, ms };
      };
      expect((await request(0)).status).toBe(201);

      proxy.latency(LATENCY_MS);
      const control = new Control();
      const answers = await Promise.all(Array.from({ length: REQUESTS }, (_, n) => request(n)));
      await control.stop();
      const served = answers.filter(({ status }) => status < 300);
      const refused = answers.filter(({ status }) => status >= 300);
      expect(served.length).toBeGreaterThan(0);
      expect(refused.length).toBeGreaterThan(0);
      expect(
        refused.filter(
          ({ status, retryAfter }) => status !== 503 || !/^\d+$/.test(retryAfter ?? ''),
        ),
      ).toEqual([]);
      const isLate = ({ startedAt, ms }: (typeof answers)[0]) =>
        ms > LONGEST_MS + 250 + control.worst(startedAt, startedAt + ms);
      expect(answers.filter(isLate)).toEqual([]);
      expect((await client.get('/healthz')).status).toBe(200);

      await proxy.heal();
      await eventually(async () => {
        expect((await client.get('/readyz')).status).toBe(200);
        const later = await Promise.all(Array.from({ length: 10 }, (_, n) => request(n)));
        expect(later.filter(({ status, ms }) => status >= 300 || ms > 1000)).toEqual([]);
      });
      expect(await app.stop()).toBe(0);
    },
  );
});
