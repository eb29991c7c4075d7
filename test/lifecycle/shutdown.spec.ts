import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { SocketClient } from '../../scripts/socket-client.ts';
import { eventually } from '../support/client.js';
import { createInstances, type Instances } from '../support/instances.js';

describe('SIGTERM', () => {
  let instances: Instances;
  beforeAll(async () => {
    instances = await createInstances();
  });
  afterAll(() => instances.clean());
  const start = (env?: Record<string, string>) => instances.start(env);

  const locks: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const release of locks.splice(0)) await release();
  });

  /** Holds up whoever writes to the table; @returns how to let them go on. */
  async function lock(table: string): Promise<() => Promise<void>> {
    const holder = await instances.database.pool.connect();
    let held = true;
    const release = async (): Promise<void> => {
      if (!held) return;
      held = false;
      await holder.query('ROLLBACK');
      holder.release();
    };
    locks.push(release);
    await holder.query('BEGIN');
    await holder.query(`LOCK TABLE ${table}`);
    return release;
  }

  const waiting = async () =>
    Number(
      (
        await instances.database.pool.query(
          `SELECT count(*) FROM pg_stat_activity
           WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        )
      ).rows[0].count,
    );

  it('S1 fails readiness at once, and still serves while load balancers take notice', async () => {
    const { app, client } = await start({ MAINSTAY__LIFECYCLE__ENDPOINT_DELAY_SECONDS: '5' });
    const ada = await client.account('ada');
    const ended = app.stop('SIGTERM');
    const told = Date.now();
    await eventually(async () => expect((await client.get('/readyz')).status).toBe(503), 2500);
    expect((await client.get('/readyz')).body.status).toBe('draining');
    while (Date.now() < told + 3000) {
      expect((await client.get('/api/v1/posts/feed', ada.token)).status).toBe(200);
      expect((await client.get('/healthz')).status).toBe(200);
    }
    expect(await ended).toBe(0);
    expect(Date.now() - told).toBeGreaterThan(4900);
    await expect(client.get('/healthz')).rejects.toThrow();
  });

  it('S2 does not wait for a connection that was opened and never used', async () => {
    const { app, client } = await start();
    const { hostname, port } = new URL(client.url);
    const unused = connect(Number(port), hostname);
    await once(unused, 'connect');
    const told = Date.now();
    expect(await app.stop('SIGTERM')).toBe(0);
    expect(Date.now() - told).toBeLessThan(15_000); // half of the drain
    unused.destroy();
  });

  it('S2 lets a running request complete, and cuts one that takes longer than the drain', async () => {
    const { app, client } = await start({
      MAINSTAY__LIFECYCLE__DRAIN_SECONDS: '6',
      MAINSTAY__LIFECYCLE__DEADLINE_SECONDS: '24',
      MAINSTAY__DATABASE__STATEMENT_TIMEOUT_SECONDS: '60', // these wait for the test, not for long work
    });
    const [ada, bob] = [await client.account('ada'), await client.account('bob')];
    const letPostsGo = await lock('posts.posts');
    await lock('posts.follows');
    const key = { 'idempotency-key': 'completes' };
    const completes = client.post('/api/v1/posts', { body: 'In time.' }, ada.token, key);
    const cut = client.follow(ada, bob).then(
      ({ status }) => status,
      () => 'cut',
    );
    await eventually(async () => expect(await waiting()).toBe(2));

    const ended = app.stop('SIGTERM');
    const told = Date.now();
    await pause(1500);
    await letPostsGo();
    expect((await completes).status).toBe(201);
    expect(['cut', 503]).toContain(await cut);
    expect(Date.now() - told).toBeGreaterThan(5900);
    expect(Date.now() - told).toBeLessThan(10_000);
    expect(await ended).toBe(0);
    expect(Date.now() - told).toBeLessThan(20_000);
  });

  it('S3 lets go in order: listeners with sockets, jobs, outbox, bus, database, Redis', async () => {
    const { app } = await start({
      LOG_LEVEL: 'debug',
      REDIS_URL: process.env['TEST_REDIS_URL'] ?? '',
    });
    expect(await app.stop('SIGTERM')).toBe(0);
    const phases = app.logs
      .filter((record) => record.event === 'phase_stopped')
      .map((record) => record['phase']);
    expect(phases).toEqual(['listeners', 'jobs', 'outbox', 'bus', 'database', 'redis']);
    expect(app.logs.at(-1)?.event).toBe('shutdown_finished');
    expect(app.logs.filter((record) => record.level === 'error')).toEqual([]);
  });

  it('S4 does not mind a second signal, at any moment of the shutdown', async () => {
    const { app, client } = await start({ MAINSTAY__LIFECYCLE__ENDPOINT_DELAY_SECONDS: '4' });
    const socket = await SocketClient.open(client.url, (await client.account('ada')).token);
    const ended = app.stop('SIGTERM');
    await eventually(async () => expect((await client.get('/readyz')).status).toBe(503));
    app.child.kill('SIGTERM');
    await client.account(); // still served
    await socket.frame('draining');
    app.child.kill('SIGTERM');
    expect((await socket.closed).code).toBe(1012);
    app.child.kill('SIGINT');
    expect(await ended).toBe(0);
    expect(app.logs.filter(({ event }) => event === 'shutdown_started')).toHaveLength(1);
  });

  it('tells sockets to go elsewhere, then closes them with 1012; what they missed is there elsewhere', async () => {
    const { app, client } = await start({});
    const other = await start({});
    const ada = await client.account('ada');
    const socket = await SocketClient.open(client.url, ada.token);
    await socket.subscribe('feed');
    const ended = app.stop('SIGTERM');
    expect(await socket.frame('draining')).toEqual({
      op: 'draining',
      reconnectAfterMs: expect.any(Number),
    });
    expect((await socket.closed).code).toBe(1012);
    const post = await other.client.write(ada, 'Written during the deploy.');
    const back = await SocketClient.open(other.client.url, ada.token);
    expect(await back.resume(socket.epoch, socket.offset, ['feed'])).toBe(true);
    expect((await back.event('post.created')).data.id).toBe(post.id);
    back.close();
    expect(await ended).toBe(0);
    expect(await other.app.stop()).toBe(0);
  });

  it('leaves no connection to the database behind', async () => {
    const { app, client } = await start({});
    await client.account();
    expect(await app.stop('SIGTERM')).toBe(0);
    const { rows } = await instances.database.pool.query(
      `SELECT application_name FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'mainstay%'`,
    );
    expect(rows).toEqual([]);
  });
});
