import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, Client } from '../support/client.js';
import { FaithfulReader } from '../support/faithful-reader.js';
import { startHaproxy, type LoadBalancer } from '../support/haproxy.js';
import { createInstances, type Instance, type Instances } from '../support/instances.js';
import { Load } from '../support/load.js';
import { startPostgresServer, type PostgresServer } from '../support/postgres-server.js';
import { freePort } from '../support/process.js';
import { startRedisServer, type RedisServer } from '../support/redis-server.js';

const SECOND = 1000;
const SOCKETS = 3;

describe('a minute of faults', () => {
  let postgres: PostgresServer;
  let redis: RedisServer;
  let instances: Instances;
  let ports: [number, number, number];
  let running: Instance[];
  let balancer: LoadBalancer;
  const start = (port: number) =>
    instances.start({ PORT: String(port), REPLICAS: '3', REDIS_URL: redis.url });
  beforeAll(async () => {
    [postgres, redis] = await Promise.all([startPostgresServer(), startRedisServer()]);
    instances = await createInstances(postgres.database);
    ports = [await freePort(), await freePort(), await freePort()];
    running = await Promise.all(ports.map(start));
    balancer = await startHaproxy(ports);
  }, 30_000);
  afterAll(async () => {
    await balancer?.stop();
    await instances?.clean();
    await Promise.all([postgres?.stop(), redis?.stop()]);
  });

  it('Redis killed, PostgreSQL restarted, an instance SIGKILLed, all during a minute of mixed load over three instances behind HAProxy: not one acknowledged write lost or doubled, availability ≥ 99 %', async () => {
    const client = new Client(balancer.url);
    const readers: FaithfulReader[] = [];
    const before = async (authors: Account[]) => {
      const ada = await client.account('ada');
      for (const author of authors) await client.follow(ada, author);
      for (let n = 0; n < SOCKETS; n++)
        readers.push(await FaithfulReader.open(balancer.url, ada.token));
    };
    const minute = async () => {
      const began = Date.now();
      const at = (second: number) => pause(Math.max(0, began + second * SECOND - Date.now()));
      await at(10);
      await redis.kill();
      await at(20);
      await postgres.restart();
      await at(30);
      await redis.restart();
      await at(35);
      await running[1]?.app.stop('SIGKILL');
      await at(40);
      running[1] = await start(ports[1]);
      await at(60);
    };
    const load = await Load.during(balancer.url, minute, { before });

    expect(await load.verify(postgres.database.pool)).toEqual({ lost: [], doubled: [] });
    expect(load.unresolved).toEqual([]);
    const { first, afterRetry, operations } = load.availability();
    expect(operations).toBeGreaterThan(3000);
    expect(first).toBeGreaterThanOrEqual(0.99);
    expect(afterRetry).toBe(1);
    for (const reader of readers) {
      await reader.hasSeen(load.written.map(({ id }) => id));
      await reader.close();
    }
    for (const { app } of running) expect(await app.stop()).toBe(0);
  }, 120_000);
});
