import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { eventually } from '../support/client.js';
import { degrades } from '../support/degrades.js';
import { createInstances, type Instances } from '../support/instances.js';
import { metric } from '../support/metrics.js';
import { startPostgresServer, type PostgresServer } from '../support/postgres-server.js';

describe('a primary that became a standby', () => {
  let postgres: PostgresServer;
  let instances: Instances;
  beforeAll(async () => {
    postgres = await startPostgresServer();
    instances = await createInstances(postgres.database);
  });
  afterAll(() => instances?.clean());
  afterAll(() => postgres?.stop());

  degrades(
    {
      id: 'F2',
      dependency: 'PostgreSQL',
      fault: 'answers as a standby, after a failover to another server',
      works: 'everything again, by itself, when the address leads to a primary',
      lost: 'all that needs the database: 503 with `Retry-After`',
      seen: '`/readyz` 503 `unavailable`, `circuit_breaker_state{name="database"}` 2',
    },
    async () => {
      const { app, client } = await instances.start();
      const ada = await client.account('ada');
      await postgres.demote();
      await eventually(async () => {
        expect((await client.get('/readyz')).status).toBe(503);
        expect(await metric(client, 'circuit_breaker_state', { name: 'database' })).toBe(2);
      });
      const refused = await client.post('/api/v1/posts', { body: 'Lost?' }, ada.token);
      expect([refused.status, refused.body.code]).toEqual([503, 'dependency_unavailable']);
      expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
      await postgres.promote();
      await eventually(async () => expect((await client.get('/readyz')).status).toBe(200));
      await client.write(ada, 'On the new primary.');
      expect(await app.stop()).toBe(0);
    },
  );
});
