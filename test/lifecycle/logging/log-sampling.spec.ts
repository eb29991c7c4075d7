import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createInstances, type Instances } from '../../support/instances.js';
import { failedStart } from '../../support/failed-start.js';
import type { LogRecord } from '../../support/process.js';

let instances: Instances;
beforeAll(async () => {
  instances = await createInstances();
});
afterAll(() => instances.clean());

const routes = (shares: object) => ({
  MAINSTAY__LOGGING__SAMPLING__ROUTES: JSON.stringify(shares),
});

it('a route has its own share of access log records; errors and slow requests leave theirs always', async () => {
  const { app, client } = await instances.start({
    MAINSTAY__LOGGING__SAMPLING__READS: '1',
    MAINSTAY__LOGGING__SLOW_MS: '300',
    ...routes({ 'GET /api/v1/users/:username': 0.2, 'GET /api/v1/posts/:id': 0, 'GET /healthz': 0 }),
  });
  const ada = await client.account('ada');
  const { id } = await client.write(ada);
  const ask = async (path: string, times: number) => {
    for (let n = 0; n < times; n++) await client.get(path, ada.token);
  };
  await ask(`/api/v1/users/${ada.username}`, 400);
  await ask(`/api/v1/posts/${id}`, 20);
  await ask('/api/v1/users/nobody', 20);
  await ask('/healthz', 20);
  await ask('/readyz', 20);
  const { pool } = instances.database;
  const locker = await pool.connect();
  await locker.query('BEGIN; LOCK TABLE posts.posts');
  const other = '01a1f7f8-2192-738f-963f-5c71fa5dbbc5';
  await pool.query('SELECT 1');
  const slow = client.get('/api/v1/posts/feed', ada.token);
  const unlock = setTimeout(() => void locker.query('ROLLBACK'), 1500);
  await Promise.all([slow, client.get(`/api/v1/posts/${other}`, ada.token)]);
  clearTimeout(unlock);
  locker.release();
  expect(await app.stop()).toBe(0);

  const isSlow = (record: LogRecord) => Number(record['duration_ms']) >= 300;
  const of = (endpoint: string, status: number) =>
    app.logs.filter((record) => record['endpoint'] === endpoint && record['status'] === status);
  // On a busy machine an ordinary request may be slow, too.
  const quick = (endpoint: string) => of(endpoint, 200).filter((record) => !isSlow(record));
  // 400 at 0.2: outside of this once in ten million runs.
  expect(of('/api/v1/users/:username', 200).length).toBeGreaterThan(40);
  expect(quick('/api/v1/users/:username').length).toBeLessThan(130);
  expect(of('/api/v1/users/:username', 404)).toHaveLength(20);
  expect(quick('/api/v1/posts/:id')).toEqual([]);
  expect(of('/api/v1/posts/:id', 404)).toHaveLength(1);
  expect(quick('/healthz')).toEqual([]);
  expect(of('/readyz', 200)).toHaveLength(20);
  expect(app.logs.filter(isSlow)).not.toEqual([]);
}); // prettier-ignore

it.each([
  [{ 'GET /a': 1.5 }, 'GET /a'],
  [{ '/a': 1 }, 'expected methods with the patterns of routes'],
  [{ 'FETCH /a': 1 }, 'expected methods with the patterns of routes'],
])('%j ends the start', async (shares, reason) => {
  const said = await failedStart({ DATABASE_URL: instances.database.url, ...routes(shares) });
  expect(said).toContain('logging.sampling.routes');
  expect(said).toContain(reason);
});
