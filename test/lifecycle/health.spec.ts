import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, type Client } from '../support/client.js';
import { createInstances, type Instances } from '../support/instances.js';
import { metric } from '../support/metrics.js';
import { root } from '../support/process.js';
import { startRedisServer, type RedisServer } from '../support/redis-server.js';

const SOON = { MAINSTAY__HEALTH__INTERVAL_SECONDS: '1' };

describe('readiness', () => {
  let instances: Instances;
  let redis: RedisServer;
  beforeAll(async () => {
    [instances, redis] = await Promise.all([createInstances(), startRedisServer()]);
  });
  afterAll(async () => {
    await instances.clean();
    await redis.stop();
  });

  const readiness = async (client: Client) => {
    const { status, body } = await client.get('/readyz');
    return [status, body.status];
  };
  const check = async (client: Client, name: string) =>
    (await client.get('/healthz/ready')).body.checks[name];

  it('tells of everything the process stands on, and what it measured', async () => {
    const { app, client } = await instances.start({ REDIS_URL: redis.url });
    await eventually(async () => expect(await readiness(client)).toEqual([200, 'ok']));
    const { checks } = (await client.get('/healthz/ready')).body;
    expect(Object.keys(checks).sort()).toEqual(
      [
        ...['bus', 'configuration', 'database', 'disk', 'event_loop', 'jobs', 'memory'],
        ...['outbox', 'redis'],
      ].sort(),
    );
    // What was wrong during the start may still be their last error.
    for (const [name, state] of Object.entries(checks))
      if (!['redis', 'event_loop'].includes(name)) expect(state).toMatchObject({ lastError: null });
    await eventually(async () => {
      const { body } = await client.get('/healthz/ready');
      for (const state of Object.values(body.checks))
        expect(state).toMatchObject({
          status: 'up',
          latencyMs: expect.any(Number),
          since: expect.stringMatching(/^\d{4}-.*Z$/),
          need: expect.stringMatching(/^(required|optional|informative)$/),
        });
    });
    await eventually(async () => {
      const { disk } = (await client.get('/healthz/ready')).body.checks;
      expect(disk.values).toEqual({
        freeBytes: await metric(client, 'disk_free_bytes', { volume: 'data' }),
        sizeBytes: await metric(client, 'disk_size_bytes', { volume: 'data' }),
      });
    });
    expect(await metric(client, 'health_check_up', { check: 'database' })).toBe(1);
    expect(await app.stop()).toBe(0);
  });

  it('leaves a full disk, little memory and a slow event loop to the alerts', async () => {
    const { app, client } = await instances.start({
      ...SOON,
      MAINSTAY__HEALTH__DISK_FREE_SHARE: '1',
      MAINSTAY__HEALTH__MEMORY_LIMIT_BYTES: '1000000',
    });
    expect(await check(client, 'disk')).toMatchObject({ status: 'down', lastError: 'DISK_FULL' });
    expect(await check(client, 'memory')).toMatchObject({ status: 'down', lastError: 'MEMORY' });
    expect(await metric(client, 'health_check_up', { check: 'memory' })).toBe(0);
    expect(await metric(client, 'memory_limit_bytes')).toBe(1_000_000);
    expect(await readiness(client)).toEqual([200, 'ok']);
    expect(await app.stop()).toBe(0);
  });

  it('fails without what the configuration requires, and comes back with it', async () => {
    const { app, client } = await instances.start({
      REDIS_URL: redis.url,
      MAINSTAY__HEALTH__REQUIRED: 'database,redis',
    });
    await eventually(async () => expect(await readiness(client)).toEqual([200, 'ok']));
    await redis.kill();
    await eventually(async () => expect(await readiness(client)).toEqual([503, 'unavailable']));
    expect((await client.get('/healthz')).status).toBe(200);
    await redis.restart();
    await eventually(async () => expect(await readiness(client)).toEqual([200, 'ok']));
    expect(await app.stop()).toBe(0);
  });

  it('tells when the process could not start again as it is configured now', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mainstay-config-'));
    cpSync(join(root, 'config'), folder, { recursive: true });
    const { app, client } = await instances.start({ ...SOON, MAINSTAY_CONFIG_DIR: folder });
    expect(await readiness(client)).toEqual([200, 'ok']);
    writeFileSync(join(folder, 'test.yaml'), 'jobs:\n  retryLimit: many\n');
    await eventually(async () => expect(await readiness(client)).toEqual([200, 'degraded']));
    expect(await check(client, 'configuration')).toMatchObject({
      status: 'down',
      lastError: 'INVALID',
    });
    rmSync(join(folder, 'test.yaml'));
    await eventually(async () => expect(await readiness(client)).toEqual([200, 'ok']));
    expect(await app.stop()).toBe(0);
    rmSync(folder, { recursive: true });
  });
});
