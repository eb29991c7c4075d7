import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
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

  it('S1, S4 fails readiness at once, still serves for a while, and does not mind a second signal', async () => {
    const { app, client } = await start({ MAINSTAY__LIFECYCLE__ENDPOINT_DELAY_SECONDS: '1.5' });
    const ended = app.stop('SIGTERM');
    await eventually(async () => expect((await client.get('/readyz')).status).toBe(503), 1000);
    expect((await client.get('/readyz')).body.status).toBe('draining');
    app.child.kill('SIGTERM');
    await client.account(); // still served
    expect((await client.get('/healthz')).status).toBe(200);
    expect(await ended).toBe(0);
    await expect(client.get('/healthz')).rejects.toThrow();
  });

  it('S3 lets go in order: sockets, listeners, jobs, outbox, bus', async () => {
    const { app } = await start({ LOG_LEVEL: 'debug' });
    expect(await app.stop('SIGTERM')).toBe(0);
    const phases = app.logs
      .filter((record) => record.event === 'phase_stopped')
      .map((record) => record['phase']);
    expect(phases).toEqual(['sockets', 'listeners', 'jobs', 'outbox', 'bus']);
    expect(app.logs.at(-1)?.event).toBe('shutdown_finished');
    expect(app.logs.filter((record) => record.level === 'error')).toEqual([]);
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
