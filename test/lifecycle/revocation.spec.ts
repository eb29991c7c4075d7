import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SocketClient } from '../../scripts/socket-client.ts';
import { adminAccount } from '../support/admin-account.js';
import { eventually, type Account } from '../support/client.js';
import { createInstances, type Instance, type Instances } from '../support/instances.js';
import { startRedisServer, type RedisServer } from '../support/redis-server.js';
import { shortest } from '../support/shortest.js';

describe.each(['with Redis', 'without Redis'])('revocation over three instances, %s', (how) => {
  let redis: RedisServer | undefined;
  let instances: Instances;
  let all: Instance[];

  beforeAll(async () => {
    if (how === 'with Redis') redis = await startRedisServer();
    instances = await createInstances();
    const env = redis ? { REDIS_URL: redis.url } : {};
    all = await Promise.all([1, 2, 3].map(() => instances.start(env)));
  });
  afterAll(async () => {
    await instances.clean();
    await redis?.stop();
  });

  const on = (n: number) => (all[n] as Instance).client;
  const login = async ({ username, password }: Account) => {
    const body = { identifier: username, password };
    return (await on(0).post('/api/v1/auth/login', body)).body as {
      accessToken: string;
      refreshToken: string;
    };
  };
  /** So that every instance has the verified token in its memory. */
  const useEverywhere = async (token: string) => {
    for (const { client } of all)
      expect((await client.get('/api/v1/users/me', token)).status).toBe(200);
  };
  const refusedEverywhere = (token: string, withinMs?: number) =>
    eventually(async () => {
      for (const { client } of all)
        expect((await client.get('/api/v1/users/me', token)).status).toBe(401);
    }, withinMs);

  it('A11 a logout is heard everywhere within five seconds, and closes the sockets', async () => {
    const ada = await on(0).account('ada');
    const phone = await login(ada);
    await Promise.all([useEverywhere(phone.accessToken), useEverywhere(ada.token)]);
    const sockets = await Promise.all(
      all.map(({ client }) => SocketClient.open(client.url, phone.accessToken)),
    );
    await on(1).post('/api/v1/auth/logout', undefined, phone.accessToken);
    await refusedEverywhere(phone.accessToken, 5000);
    for (const socket of sockets) expect((await socket.closed).code).toBe(4401);
    await useEverywhere(ada.token);
  });

  it('A9 a replayed refresh token ends its family everywhere within a second', async () => {
    const refresh = (n: number, refreshToken: string) =>
      on(n).post('/api/v1/auth/refresh', { refreshToken });
    const took = await shortest(1000, async () => {
      const { refreshToken: first } = await on(0).account('eve');
      const second = (await refresh(1, first)).body;
      const third = (await refresh(2, second.refreshToken)).body;
      await useEverywhere(third.accessToken);
      expect((await refresh(0, first)).status).toBe(401);
      const replayed = performance.now();
      await refusedEverywhere(third.accessToken);
      const ended = performance.now();
      expect((await refresh(1, third.refreshToken)).status).toBe(401);
      return ended - replayed;
    });
    expect(took).toBeLessThanOrEqual(1000);
  });

  it('A11 is heard of within five seconds where the bus is silent', async () => {
    const bob = await on(0).account('bob');
    await useEverywhere(bob.token);
    const { pool } = instances.database;
    const cut = () =>
      pool.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE application_name = 'mainstay bus' AND datname = current_database()`,
      );
    await cut();
    await on(0).post('/api/v1/auth/logout', undefined, bob.token);
    await cut();
    await refusedEverywhere(bob.token, 5000);
  });

  it('F5 many logouts at once, on a small pool, hold nobody up', async () => {
    const { app, client } = await instances.start({ MAINSTAY__DATABASE__POOL__BUDGET: '8' });
    const ada = await client.account('ada');
    const { username: identifier, password } = ada;
    const login = () => client.post('/api/v1/auth/login', { identifier, password });
    const sessions = [];
    for (let n = 0; n < 40; n++) sessions.push((await login()).body.accessToken as string);
    const logout = (token: string) => client.post('/api/v1/auth/logout', undefined, token);
    const answers = await Promise.all(sessions.map(logout));
    expect(answers.map(({ status }) => status)).toEqual(Array(40).fill(204));
    expect(await app.stop()).toBe(0);
  });

  it('is known to an instance that starts afterwards', async () => {
    const ada = await on(0).account('ada');
    await on(0).post('/api/v1/auth/logout', undefined, ada.token);
    const late = await instances.start();
    expect((await late.client.get('/api/v1/users/me', ada.token)).status).toBe(401);
    expect(await late.app.stop()).toBe(0);
  });

  it('A7 what one instance signs right after a rotation, no other refuses', async () => {
    const admin = await adminAccount(on(0), instances.database.pool);
    let accessToken = admin.token;
    for (let round = 0; round < 4; round++) {
      const rotated = await on(round % 3).post('/api/v1/admin/keys/rotate', undefined, accessToken);
      expect(rotated.status).toBe(200);
      accessToken = (await login(admin)).accessToken;
      await useEverywhere(accessToken);
    }
    await useEverywhere(admin.token);
  });

  it('A7 a revoked key dies everywhere: its tokens, and those that were signed before', async () => {
    const admin = await adminAccount(on(0), instances.database.pool);
    const accessToken = admin.token;
    await useEverywhere(accessToken);
    const { body } = await on(0).get('/api/v1/admin/keys', accessToken);
    const { kid } = body.items.find(({ state }: { state: string }) => state === 'active');
    const revoked = await on(2).post(`/api/v1/admin/keys/${kid}/revoke`, undefined, accessToken);
    expect(revoked.status).toBe(204);
    await refusedEverywhere(accessToken, 5000);
    await eventually(async () => useEverywhere((await login(admin)).accessToken));
  });
});
