import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/client.js';
import { createInstances, type Instances } from '../support/instances.js';
import { startPostgresServer, type PostgresServer } from '../support/postgres-server.js';

describe('limits while PostgreSQL is away', () => {
  let postgres: PostgresServer;
  let instances: Instances;
  beforeAll(async () => {
    postgres = await startPostgresServer();
    instances = await createInstances(postgres.database);
  });
  afterAll(() => instances?.clean());
  afterAll(() => postgres?.stop());

  it('F2 whose token cannot be checked just now is told so, and not counted as somebody unknown', async () => {
    const env = {
      MAINSTAY__LIMITS__ENABLED: 'true',
      MAINSTAY__LIMITS__HOURLY_ANONYMOUS__LIMIT: '3',
      MAINSTAY__LIMITS__WRITES_ANONYMOUS__LIMIT: '3',
    };
    const before = await instances.start(env);
    const ada = await before.client.account('ada');
    expect(await before.app.stop()).toBe(0);
    // An instance that has verified no token yet needs the database to verify the first.
    const { app, client } = await instances.start(env);
    await postgres.kill();
    const statuses: number[] = [];
    for (let n = 0; n < 6; n++) {
      statuses.push((await client.get('/api/v1/posts/feed', ada.token)).status);
      statuses.push((await client.post('/api/v1/posts', { body: 'Lost?' }, ada.token)).status);
    }
    expect(new Set(statuses)).toEqual(new Set([503]));
    await postgres.start();
    await eventually(async () => expect((await client.get('/readyz')).status).toBe(200));
    expect((await client.get('/api/v1/posts?limit=1')).status).toBe(200);
    expect((await client.get('/api/v1/posts/feed', ada.token)).status).toBe(200);
    expect(await app.stop()).toBe(0);
  });
});
