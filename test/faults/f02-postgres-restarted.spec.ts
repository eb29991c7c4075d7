import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { eventually } from '../support/client.js';
import { degrades } from '../support/degrades.js';
import { createInstances, type Instances } from '../support/instances.js';
import { Load, succeeded } from '../support/load.js';
import { startPostgresServer, type PostgresServer } from '../support/postgres-server.js';

describe('PostgreSQL restarted', () => {
  let postgres: PostgresServer;
  let instances: Instances;
  beforeAll(async () => {
    postgres = await startPostgresServer();
    instances = await createInstances(postgres.database);
  });
  afterAll(async () => {
    await instances.clean();
    await postgres.stop();
  });

  degrades(
    {
      id: 'F2',
      dependency: 'PostgreSQL',
      fault: 'restarted',
      works: 'everything again within 10 s of its return, in the same process',
      lost: 'requests that meet the restart: 503 with `Retry-After` within 3 s; no acknowledged write',
      seen: '`/readyz` 503 `unavailable`, code `dependency_unavailable`',
    },
    async () => {
      const { app, client } = await instances.start();
      const load = await Load.start(client.url, { rate: 80 });
      await eventually(() => Promise.resolve(expect(load.written.length).toBeGreaterThan(20)));
      await postgres.restart();
      const returned = Date.now();
      await eventually(async () => {
        expect(load.samples.some((sample) => sample.startedAt > returned + 10_500)).toBe(true);
        await Promise.resolve();
      }, 15_000);
      await load.stop();

      const failed = load.samples.filter((sample) => !succeeded(sample));
      for (const sample of failed) {
        expect(sample).toMatchObject({ status: 503, retryAfter: expect.stringMatching(/^\d+$/) });
        expect(sample.ms).toBeLessThan(3200);
      }
      expect(failed.filter((sample) => sample.startedAt > returned + 10_000)).toEqual([]);
      expect(load.unresolved).toEqual([]);
      expect(await load.verify(postgres.database.pool)).toEqual({ lost: [], doubled: [] });
      expect((await client.get('/readyz')).body.status).toBe('ok');
      expect(await app.stop()).toBe(0);
    },
    60_000,
  );
});
