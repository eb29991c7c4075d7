import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { limited, newcomer, passed } from '../limits/limited.js';
import { eventually, type Account, type Client } from '../support/client.js';
import { createInstances, type Instance, type Instances } from '../support/instances.js';
import { metric } from '../support/metrics.js';
import type { RedisServer } from '../support/redis-server.js';
import { startSentinels, type Sentinels } from '../support/redis-topologies.js';

const LIMIT = 20;
/**
 * A second until the sentinels miss the master, their vote, and the next attempt to connect; of one that
 * is silent five seconds pass until the connection is given up. A second failover waits for eight
 * seconds since the first. The rest is for a machine that has other things to do.
 */
const FAILOVER_MS = 40_000;

describe('Redis behind sentinels', () => {
  let sentinels: Sentinels;
  let instances: Instances;
  let all: Instance[];
  let clients: Client[];
  beforeAll(async () => {
    [sentinels, instances] = await Promise.all([startSentinels(), createInstances()]);
    const env = {
      ...limited({ api: [LIMIT, 60], auth: [1000, 60], hourlyAnonymous: [100_000, 3600] }),
      REDIS_URL: sentinels.url,
      REPLICAS: '2',
      TRUSTED_PROXIES: '127.0.0.1/32',
      MAINSTAY__REDIS__TIMEOUT_MS: '500',
    };
    all = await Promise.all([instances.start(env), instances.start(env)]);
    clients = all.map(({ client }) => client);
  });
  afterAll(async () => {
    const codes = await Promise.all(all.map(({ app }) => app.stop()));
    await instances.clean();
    await sentinels.stop();
    expect(codes).toEqual([0, 0]);
  });

  /** Exactly the limit passes on both instances together, and nothing says that it was degraded. */
  async function expectShared(timeoutMs: number): Promise<void> {
    await eventually(async () => {
      const { token } = await newcomer(clients[0] as Client);
      const answers = await Promise.all(
        Array.from({ length: 2 * LIMIT }, (_unused, n) =>
          (clients[n % 2] as Client).get('/api/v1/users/me', token),
        ),
      );
      expect(passed(answers)).toBe(LIMIT);
      expect(new Set(answers.map(({ headers }) => headers.get('x-degraded')))).toEqual(
        new Set([null]),
      );
    }, timeoutMs);
  }

  /** What one instance keeps in Redis, here that a name is not taken, the other one finds there. */
  async function expectCached(): Promise<void> {
    const hits = () =>
      metric(clients[1] as Client, 'cache_requests_total', {
        cache: 'profile',
        level: 'redis',
        result: 'hit',
      });
    const before = (await hits()) ?? 0;
    await eventually(async () => {
      const path = `/api/v1/users/nobody_${callers}`;
      for (const client of clients) {
        const answer = await client.get(path, undefined, address());
        expect([answer.status, answer.headers.get('x-degraded')]).toEqual([404, null]);
        await pause(20); // filling the cache is not waited for
      }
      expect((await hits()) ?? 0).toBeGreaterThan(before);
    });
  }
  let callers = 0;
  const address = () => ({ 'x-forwarded-for': `10.9.${(callers >> 8) & 255}.${callers++ & 255}` });

  /** Requests that need limits and caches, one after the other, until it is stopped. */
  function keepAsking(client: Client, account: Account) {
    const statuses: number[] = [];
    let stopped = false;
    const asking = (async () => {
      while (!stopped) {
        const paths = [`/api/v1/users/${account.username}`, '/api/v1/posts?limit=1'];
        for (const path of paths)
          statuses.push((await client.get(path, undefined, address())).status);
      }
    })();
    return async () => {
      stopped = true;
      await asking;
      return statuses;
    };
  }

  /** Asks all the while that the master is taken away, until its replica does the work. */
  async function expectFailover(takeAway: (master: RedisServer) => unknown): Promise<void> {
    const { master, replica } = await sentinels.roles();
    const account = await newcomer(clients[0] as Client);
    const asking = clients.map((client) => keepAsking(client, account));
    const until = Date.now() + FAILOVER_MS;
    await takeAway(master);
    await eventually(async () => {
      expect((await sentinels.roles()).master).toBe(replica);
    }, FAILOVER_MS);
    await expectShared(until - Date.now());
    const statuses = (await Promise.all(asking.map((stop) => stop()))).flat();
    expect(statuses.length).toBeGreaterThan(100);
    expect(statuses.filter((status) => status !== 200)).toEqual([]);
    await expectCached();
  }

  it('counts and caches with the master that the sentinels name', async () => {
    await expectShared(FAILOVER_MS);
    await expectCached();
  });

  it('a master that went silent is replaced by its replica, and meanwhile nothing fails', async () => {
    let silent: RedisServer | undefined;
    await expectFailover((master) => {
      silent = master;
      master.pause();
    });
    silent?.resume();
    // It comes back as the replica of the other one; what was counted in between stays.
    await expectShared(FAILOVER_MS);
    const redis = new Redis(silent?.url ?? '');
    await eventually(async () => {
      expect(await redis.info('replication')).toMatch(/role:slave[^]*master_link_status:up/);
    });
    redis.disconnect();
  });

  it('a killed master is replaced by its replica, and meanwhile nothing fails', async () => {
    await expectFailover((master) => master.kill());
    for (const { app } of all)
      expect(app.logs.filter(({ event }) => event === 'redis_back').length).toBeGreaterThan(0);
  });
});
