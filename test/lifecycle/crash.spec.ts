import { globSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SocketClient } from '../../scripts/socket-client.ts';
import { eventually } from '../support/client.js';
import { createDatabase } from '../support/database.js';
import { createInstances, type Instances } from '../support/instances.js';
import { root } from '../support/process.js';

describe('kill -9', () => {
  let instances: Instances;
  beforeAll(async () => {
    instances = await createInstances();
  });
  afterAll(() => instances.clean());
  const start = (env?: Record<string, string>) => instances.start(env);
  const outbox = async () =>
    Number(
      (await instances.database.pool.query('SELECT count(*) FROM platform.outbox')).rows[0].count,
    );

  it('between commit and relay loses no event: a client that resumes sees all of them, once, in order', async () => {
    const first = await start();
    const ada = await first.client.account('ada');
    const socket = await SocketClient.open(first.client.url, ada.token);
    await socket.subscribe('feed');
    const before = await first.client.write(ada, 'Relayed.');
    await socket.event('post.created');
    const held = await instances.database.pool.connect();
    await held.query('SELECT pg_advisory_lock(7136403)'); // no relay gets its turn from here on
    const written: string[] = [];
    for (let n = 0; n < 5; n++) written.push((await first.client.write(ada, `Post ${n}.`)).id);
    expect(await outbox()).toBe(5);
    await first.app.stop('SIGKILL');
    await held.query('SELECT pg_advisory_unlock_all()');
    held.release();

    const second = await start();
    await eventually(async () => expect(await outbox()).toBe(0));
    const back = await SocketClient.open(second.client.url, ada.token);
    expect(await back.resume(socket.epoch, socket.offset, ['feed'])).toBe(true);
    const seen = await back.count(5);
    expect(seen.map((event) => event.data.id)).toEqual(written);
    expect(seen.map((event) => event.data.id)).not.toContain(before.id);
    back.close();
    expect(await second.app.stop()).toBe(0);
  });

  it('M4 of three that start at once on an empty database, one migrates and all serve', async () => {
    const empty = await createDatabase();
    for (const schema of ['platform', 'auth', 'posts', 'realtime', 'jobs']) {
      await empty.pool.query(`DROP SCHEMA ${schema} CASCADE`);
    }
    await empty.pool.query('DROP TABLE migrations');
    const three = await Promise.all(
      Array.from({ length: 3 }, () => start({ DATABASE_URL: empty.url })),
    );
    for (const { client } of three) expect((await client.get('/readyz')).body.status).toBe('ok');
    const [one, two] = three;
    const ada = await one?.client.account('ada');
    // A token that one signed is good everywhere.
    expect((await two?.client.get('/api/v1/users/me', ada?.token))?.status).toBe(200);
    const applied = three.flatMap(({ app }) =>
      app.logs.filter((record) => record.event === 'migration_applied'),
    );
    const all = globSync('src/**/migrations/*.ts', { cwd: root });
    expect(new Set(applied.map(({ migration }) => migration)).size).toBe(all.length);
    expect(applied).toHaveLength(all.length);
    for (const { app } of three) expect(await app.stop()).toBe(0);
    await empty.drop();
  });
});
