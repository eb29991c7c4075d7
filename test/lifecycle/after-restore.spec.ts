import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createInstances, type Instances } from '../support/instances.js';

/** As it stands there, to be typed by somebody at night. */
function statementsOfThePage(): string {
  const page = readFileSync(join(import.meta.dirname, '../../infra/README.md'), 'utf8');
  const [, sql = ''] = /```sql\n(\s*BEGIN;.*?)```/s.exec(page) ?? [];
  return sql;
}

describe('a database that was restored', () => {
  let instances: Instances;
  beforeAll(async () => {
    instances = await createInstances();
  });
  afterAll(() => instances.clean());

  it('lets nobody in with what the backup brought back, after what infra/README.md says', async () => {
    const before = await instances.start();
    const ada = await before.client.account('ada');
    const { refreshToken, username: identifier, password } = ada;
    expect(await before.app.stop()).toBe(0);

    const sql = statementsOfThePage();
    expect(sql).toContain('auth.signing_keys');
    await instances.database.pool.query(sql);

    const { app, client } = await instances.start();
    expect((await client.get('/api/v1/users/me', ada.token)).status).toBe(401);
    expect((await client.post('/api/v1/auth/refresh', { refreshToken })).status).toBe(401);
    const login = await client.post('/api/v1/auth/login', { identifier, password });
    expect(login.status).toBe(200);
    expect((await client.get('/api/v1/users/me', login.body.accessToken)).status).toBe(200);
    expect(await app.stop()).toBe(0);
  });
});
