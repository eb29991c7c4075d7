import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { find, programs } from '../setup/install.ts';
import { eventually } from '../support/client.js';
import { createInstances, type Instances } from '../support/instances.js';
import { freePort } from '../support/process.js';

describe('Redis', () => {
  let instances: Instances;
  beforeAll(async () => {
    instances = await createInstances();
  });
  afterAll(() => instances.clean());

  const startRedis = (port: number): ChildProcess => {
    const program = find(programs.redis);
    if (!program)
      throw new Error('the set-up of the tests brings redis-server, and it is not there');
    return spawn(
      program,
      ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', tmpdir()],
      {
        stdio: 'ignore',
      },
    );
  };

  it('down is degraded and serves; up again it is ok; the process is the same all the while', async () => {
    const port = await freePort();
    let redis = startRedis(port);
    const { app, client } = await instances.start({ REDIS_URL: `redis://127.0.0.1:${port}` });
    const readiness = (expected: string) =>
      eventually(async () => {
        const { status, body } = await client.get('/readyz');
        expect([status, body.status]).toEqual([200, expected]);
      });
    await readiness('ok');
    redis.kill('SIGKILL');
    await once(redis, 'exit');
    await readiness('degraded');
    await client.write(await client.account(), 'Written without Redis.');
    const detail = await client.get('/healthz/ready');
    expect(detail.body.checks.redis).toMatchObject({ status: 'down', required: false });
    expect(detail.body.checks.database).toMatchObject({ status: 'up' });
    redis = startRedis(port);
    await readiness('ok');
    expect(await app.stop()).toBe(0);
    redis.kill('SIGTERM');
    await once(redis, 'exit');
  });
});
