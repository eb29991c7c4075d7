import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { anyAddress, from, limited, newcomer, passed } from '../limits/limited.js';
import { eventually, type Account, type Client, type Json } from '../support/client.js';
import { createInstances, type Instance, type Instances } from '../support/instances.js';
import { metric } from '../support/metrics.js';
import { startRedisCluster, type RedisCluster } from '../support/redis-topologies.js';

const LIMIT = 60;
const REFRESHES = 5;

describe('Redis as a cluster', () => {
  let cluster: RedisCluster;
  let instances: Instances;
  let all: Instance[];
  let clients: Client[];
  beforeAll(async () => {
    [cluster, instances] = await Promise.all([startRedisCluster(), createInstances()]);
    const env = {
      ...limited({ api: [LIMIT, 60], refresh: [REFRESHES, 60], writes: [1000, 60] }),
      REDIS_URL: cluster.url,
      REPLICAS: '2',
      TRUSTED_PROXIES: '127.0.0.1/32',
      MAINSTAY__REDIS__TIMEOUT_MS: '1000',
    };
    all = await Promise.all([instances.start(env), instances.start(env)]);
    clients = all.map(({ client }) => client);
  });
  afterAll(async () => {
    const codes = await Promise.all(all.map(({ app }) => app.stop()));
    await instances.clean();
    await cluster.stop();
    expect(codes).toEqual([0, 0]);
  });

  const one = () => clients[0] as Client;
  const other = () => clients[1] as Client;
  const parallel = async (account: Account) => {
    const answers = await Promise.all(
      Array.from({ length: LIMIT + 20 }, (_unused, n) =>
        (clients[n % 2] as Client).get('/api/v1/users/me', account.token),
      ),
    );
    return { passed: passed(answers), degraded: answers.map((a) => a.headers.get('x-degraded')) };
  };
  const expectShared = async () => {
    const { passed, degraded } = await parallel(await newcomer(one()));
    expect([passed, new Set(degraded)]).toEqual([LIMIT, new Set([null])]);
  };

  async function keys(): Promise<Map<string, number>> {
    const found = new Map<string, number>();
    for (const { url, port } of cluster.nodes) {
      const redis = new Redis(url);
      for (const key of await redis.keys('*')) {
        expect(await redis.pttl(key)).not.toBe(-1);
        found.set(key, port);
      }
      redis.disconnect();
    }
    return found;
  }

  /** Whatever is wrong with a command is a failure of the breaker, and may be seen nowhere else. */
  async function expectNoFailure(): Promise<void> {
    for (const { app, client } of all) {
      const failures = await metric(client, 'circuit_breaker_failures_total', { name: 'redis' });
      expect(failures ?? 0).toBe(0);
      expect(app.logs.filter((record) => JSON.stringify(record).includes('CROSSSLOT'))).toEqual([]);
      expect(app.logs.filter(({ level }) => level === 'error' || level === 'fatal')).toEqual([]);
    }
  }

  it('counts limits over all instances, for users on every node', async () => {
    for (let n = 0; n < 4; n++) await expectShared();
    const nodes = new Set([...(await keys())].map(([, port]) => port));
    expect(nodes.size).toBe(3);
    await expectNoFailure();
  });

  it('counts a refresh for its session and its address, which are in different slots', async () => {
    for (let n = 0; n < 3; n++) {
      const { refreshToken } = await newcomer(one());
      const address = from(anyAddress());
      const refresh = (client: Client) =>
        client.post('/api/v1/auth/refresh', { refreshToken }, undefined, address);
      expect(passed(await Promise.all([refresh(one()), refresh(other()), refresh(one())]))).toBe(3);
      const statuses: number[] = [];
      for (let m = 0; m < 4; m++) statuses.push((await refresh(clients[m % 2] as Client)).status);
      expect(statuses).toEqual([200, 200, 429, 429]);
      // What the session's limit refused was not counted for the address.
      const { headers } = await one().get('/api/v1/posts', undefined, address);
      expect(headers.get('x-ratelimit-remaining')).toBe(String(LIMIT - REFRESHES - 1));
    }
    await expectNoFailure();
  });

  it('caches over all slots: many posts at once, changes, and the ranking', async () => {
    const [ada, bob] = [await newcomer(one()), await newcomer(one())];
    await one().follow(bob, ada);
    const written: Json[] = [];
    for (let n = 0; n < 20; n++) written.push(await one().write(ada, `Post ${n}.`));
    const feed = async (client: Client) => {
      const { status, body, headers } = await client.get('/api/v1/posts/feed', bob.token);
      expect([status, headers.get('x-degraded')]).toEqual([200, null]);
      return body.items.map((post: Json) => post.id);
    };
    const newest = written.map((post) => post.id).reverse();
    const postsFromRedis = () =>
      metric(other(), 'cache_requests_total', { cache: 'post', level: 'redis', result: 'hit' });
    expect(await feed(one())).toEqual(newest);
    await eventually(async () =>
      expect([...(await keys()).keys()].filter((key) => key.startsWith('post:'))).toHaveLength(20),
    );
    expect(await feed(other())).toEqual(newest);
    expect(await postsFromRedis()).toBe(20);
    // A change that is made here is seen there: the feed is kept in Redis alone.
    const next = await one().write(ada, 'One more.');
    await eventually(async () => expect((await feed(other()))[0]).toBe(next.id));
    await one().call('DELETE', `/api/v1/posts/authors/${ada.username}/follow`, {
      token: bob.token,
    });
    expect(await feed(other())).toEqual([]);
    for (const { id } of written.slice(0, 5)) await one().get(`/api/v1/posts/${id}`, bob.token);
    await eventually(async () => {
      expect([...(await keys()).keys()].filter((key) => key.startsWith('hot:post:'))).not.toEqual(
        [],
      );
    });
    await expectNoFailure();
  });

  it('without one of its nodes it is degraded at most, and whole again when the node is back', async () => {
    const node = cluster.nodes[1];
    const accounts = [await newcomer(one()), await newcomer(other()), await newcomer(one())];
    await node?.kill();
    for (const account of accounts) {
      const { passed } = await parallel(account); // 200 and 429 only
      expect(passed).toBeLessThanOrEqual(LIMIT);
      expect(passed).toBeGreaterThanOrEqual(LIMIT / 2);
    }
    await node?.restart();
    // Each instance learns of it by itself: whole is when it stays so.
    await eventually(async () => {
      for (let n = 0; n < 4; n++) await expectShared();
    });
  });
});
