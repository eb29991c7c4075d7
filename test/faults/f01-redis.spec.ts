import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from '@jest/globals';
import { Redis } from 'ioredis';
import { eventually, type Account, type Client } from '../support/client.js';
import { Control } from '../support/control.js';
import { degrades } from '../support/degrades.js';
import { FaithfulReader } from '../support/faithful-reader.js';
import { createInstances, type Instance, type Instances } from '../support/instances.js';
import { Load } from '../support/load.js';
import { metric } from '../support/metrics.js';
import { startRedisServer, type RedisServer } from '../support/redis-server.js';
import { succeeded, type Sample } from '../support/sample.js';

const AWAY_MS = 30_000;
const BACK_WITHIN_MS = 10_000;

describe('Redis', () => {
  let instances: Instances;
  let redis: RedisServer;
  let instance: Instance;
  let client: Client;
  beforeAll(async () => {
    instances = await createInstances();
  });
  afterAll(() => instances.clean());
  beforeEach(async () => {
    redis = await startRedisServer();
    instance = await instances.start({ REDIS_URL: redis.url });
    client = instance.client;
    await readiness('ok');
  });
  afterEach(async () => {
    await redis.stop();
    expect(await instance.app.stop()).toBe(0);
  });

  /** Redis is optional: whatever it does, the instance stays in the rotation. */
  const readiness = (expected: string) =>
    eventually(async () => {
      const { status, body } = await client.get('/readyz');
      expect([status, body.status]).toEqual([200, expected]);
    }, BACK_WITHIN_MS);
  const profileIs = (degraded: string | null) =>
    eventually(async () => {
      const answer = await client.get(`/api/v1/users/${(await client.account()).username}`);
      expect([answer.status, answer.headers.get('x-degraded')]).toEqual([200, degraded]);
    }, BACK_WITHIN_MS);
  const breakerIs = (state: number) =>
    eventually(async () => {
      expect(await metric(client, 'circuit_breaker_state', { name: 'redis' })).toBe(state);
    }, BACK_WITHIN_MS);

  degrades(
    {
      id: 'F1',
      dependency: 'Redis',
      fault: 'killed',
      works: 'everything; sockets go on getting their events',
      lost: 'nothing; caches and limits are those of each instance alone',
      seen: '`/readyz` 200 `degraded`, `X-Degraded: cache`, `circuit_breaker_state{name="redis"}` 2',
    },
    async () => {
      const ada = await client.account('ada');
      let reader: FaithfulReader | undefined;
      const before = async (authors: Account[]) => {
        for (const author of [ada, ...authors]) await client.follow(ada, author);
        reader = await FaithfulReader.open(client.url, ada.token);
      };
      const getsEvents = async () =>
        reader?.hasSeen([(await client.write(ada, 'Is anybody there?')).id], BACK_WITHIN_MS);
      const work = async () => {
        await profileIs(null);
        await redis.kill();
        const killed = Date.now();
        await readiness('degraded');
        const detail = await client.get('/healthz/ready');
        expect(detail.body.checks.redis).toMatchObject({ status: 'down', need: 'optional' });
        expect(detail.body.checks.database).toMatchObject({ status: 'up' });
        await profileIs('cache');
        await breakerIs(2);
        while (Date.now() < killed + AWAY_MS) {
          await getsEvents();
          await pause(1000);
        }
        await readiness('degraded');
        await redis.restart();
        await getsEvents();
        await readiness('ok');
        await profileIs(null);
        await breakerIs(0);
      };
      const load = await Load.during(client.url, work, { before });
      expect(load.availability().first).toBeGreaterThanOrEqual(0.99);
      expect(await load.verify(instances.database.pool)).toEqual({ lost: [], doubled: [] });
      await reader?.hasSeen(load.written.map(({ id }) => id));
      expect(reader?.returns).toBe(0);
      await reader?.close();
    },
  );

  degrades(
    {
      id: 'F1',
      dependency: 'Redis',
      fault: 'hangs: connections stay, and nothing answers',
      works: 'everything; no request waits longer than 500 ms for it',
      lost: 'nothing; caches and limits are those of each instance alone',
      seen: '`/readyz` 200 `degraded`, `X-Degraded: cache`, `circuit_breaker_state{name="redis"}` 2',
    },
    async () => {
      const work = async () => {
        await pause(1000); // what goes well counts as well
        redis.pause();
        await pause(3000);
        await readiness('degraded');
        await profileIs('cache');
        await breakerIs(2);
        redis.resume();
        await readiness('ok');
        await breakerIs(0);
      };
      // Never asks Redis: what it waits for, the others wait for as well.
      const control = new Control(() => client.get('/healthz'));
      const load = await Load.during(client.url, work, { rate: 25 });
      await control.stop();
      const waited = ({ startedAt, ms }: Sample) => ms - control.worst(startedAt, startedAt + ms);
      expect(load.samples.filter((sample) => !succeeded(sample))).toEqual([]);
      expect(load.samples.filter((sample) => waited(sample) > 500)).toEqual([]);
    },
  );

  degrades(
    {
      id: 'F1',
      dependency: 'Redis',
      fault: 'answers and takes no writes: full, or a replica after a failover',
      works: 'everything',
      lost: 'nothing; caches and limits are those of each instance alone',
      seen: '`/readyz` 200 `degraded`, `X-Degraded: cache`, `circuit_breaker_state{name="redis"}` 2',
    },
    async () => {
      const ada = await client.account('ada');
      const admin = new Redis(redis.url);
      const opened = () =>
        instance.app.logs.filter(({ event }) => event === 'breaker_opened').length;
      const faults: [() => Promise<unknown>, () => Promise<unknown>][] = [
        [() => admin.config('SET', 'maxmemory', '1'), () => admin.config('SET', 'maxmemory', '0')],
        [() => admin.replicaof('127.0.0.1', 1), () => admin.replicaof('NO', 'ONE')],
      ];
      const play = async (begin: () => Promise<unknown>, end: () => Promise<unknown>) => {
        const before = opened();
        await begin();
        await readiness('degraded');
        for (let n = 0; n < 60; n++)
          expect((await client.get('/api/v1/posts/feed', ada.token)).status).toBe(200);
        await profileIs('cache');
        await breakerIs(2);
        // It opened once and stayed so: an answered PING is no reason to try again.
        expect(opened() - before).toBe(1);
        await end();
        await readiness('ok');
        await profileIs(null);
      };
      try {
        for (const [begin, end] of faults) await play(begin, end);
      } finally {
        admin.disconnect(); // also where the test fails: else it keeps the run alive
      }
    },
  );
});
