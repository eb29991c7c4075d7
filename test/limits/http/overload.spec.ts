import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { SocketClient } from '../../../scripts/socket-client.ts';
import { eventually } from '../../support/client.js';
import { createInstances, type Instance, type Instances } from '../../support/instances.js';
import { open } from '../../support/raw-socket.js';

describe('F12 a process that has too much to do', () => {
  let instances: Instances;
  let instance: Instance;

  beforeAll(async () => {
    instances = await createInstances();
  });
  afterEach(async () => {
    expect(await instance.app.stop()).toBe(0);
  });
  afterAll(() => instances.clean());

  /** While this is held every read of posts waits. */
  async function lockPosts(): Promise<pg.PoolClient> {
    const client = await instances.database.pool.connect();
    await client.query('BEGIN; LOCK TABLE posts.posts IN ACCESS EXCLUSIVE MODE');
    return client;
  }
  const unlock = async (client: pg.PoolClient): Promise<void> => {
    await client.query('ROLLBACK');
    client.release();
  };
  const expectProbes = async (): Promise<void> => {
    for (const path of ['/healthz', '/healthz/live', '/readyz', '/metrics']) {
      expect([path, (await instance.client.get(path)).status]).toEqual([path, 200]);
    }
  };

  it('F12 refuses what is more than it may hold, tells when to come back, and recovers', async () => {
    instance = await instances.start({ MAINSTAY__OVERLOAD__MAX_IN_FLIGHT: '3' });
    // None of these waits for an answer: a body that does not come, a connection without a request.
    const slow = await Promise.all(Array.from({ length: 10 }, () => open(instance.client.url)));
    for (const socket of slow.slice(0, 5))
      socket.write('POST /api/v1/auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{');

    const client = await lockPosts();
    const waiting = Array.from({ length: 3 }, () => instance.client.get('/api/v1/posts'));
    const answer = await new Promise<Awaited<(typeof waiting)[0]>>((resolve, reject) => {
      eventually(async () => {
        const refused = await instance.client.get('/errors', undefined, {
          'x-request-id': 'my.id-1',
        });
        expect(refused.status).toBe(503);
        resolve(refused);
      }).catch(reject);
    });
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'application/problem+json; charset=utf-8',
      'retry-after': '1',
      'x-request-id': 'my.id-1',
      'x-content-type-options': 'nosniff',
    });
    expect(answer.body).toMatchObject({
      code: 'overloaded',
      status: 503,
      instance: '/errors',
      requestId: 'my.id-1',
    });
    await expectProbes();
    const socket = new SocketClient(instance.client.url);
    const status = await new Promise((resolve) =>
      socket.socket.on('unexpected-response', (_request, response) => resolve(response.statusCode)),
    );
    expect(status).toBe(503);

    await unlock(client);
    expect((await Promise.all(waiting)).map((waited) => waited.status)).toEqual([200, 200, 200]);
    expect((await instance.client.get('/api/v1/posts')).status).toBe(200);
    for (const connection of slow) connection.destroy();

    const { text } = await instance.client.get('/metrics');
    expect(text).toMatch(/errors_total\{code="overloaded"\} [1-9]/);
    expect(text).toMatch(/http_requests_total\{method="GET",route="shed",status="503"\} [1-9]/);
    await instance.app.log((record) => record.event === 'shedding_started');
  });

  it('F12 who hangs up makes room', async () => {
    instance = await instances.start({ MAINSTAY__OVERLOAD__MAX_IN_FLIGHT: '2' });
    const client = await lockPosts();
    const gone = await open(instance.client.url);
    gone.write('GET /api/v1/posts HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(2));
    await eventually(async () => {
      expect((await instance.client.get('/errors')).status).toBe(503);
    });
    gone.destroy();
    await unlock(client);
    await eventually(async () => {
      expect((await instance.client.get('/errors')).status).toBe(200);
    });
  });

  it('F12 refuses while the heap is nearly full', async () => {
    instance = await instances.start({ MAINSTAY__OVERLOAD__MAX_HEAP_SHARE: '0.01' });
    await eventually(async () => {
      expect((await instance.client.get('/api/v1/posts')).status).toBe(503);
    });
    await expectProbes();
  });

  it('F12 does not, where it is switched off', async () => {
    instance = await instances.start({
      MAINSTAY__OVERLOAD__ENABLED: 'false',
      MAINSTAY__OVERLOAD__MAX_HEAP_SHARE: '0.01',
      MAINSTAY__OVERLOAD__MAX_IN_FLIGHT: '1',
    });
    const client = await lockPosts();
    const waiting = Array.from({ length: 4 }, () => instance.client.get('/api/v1/posts'));
    expect((await instance.client.get('/errors')).status).toBe(200);
    await unlock(client);
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  });

  it('a handler that does not end is answered 503, with the reason', async () => {
    instance = await instances.start({ MAINSTAY__HTTP__HANDLER_TIMEOUT_SECONDS: '1' });
    const client = await lockPosts();
    const answer = await instance.client.get('/api/v1/posts');
    await unlock(client);
    expect([answer.status, answer.body.code]).toEqual([503, 'overloaded']);
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect((await instance.client.get('/api/v1/posts')).status).toBe(200);
  });
});
