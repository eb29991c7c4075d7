import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeProtectedHeader } from 'jose';
import { SocketClient } from '../../scripts/socket-client.ts';
import { adminAccount } from '../support/admin-account.js';
import { Client, eventually, type Account } from '../support/client.js';
import { deploy, type Deployment } from '../support/deployment.js';

describe('signing keys', () => {
  let deployment: Deployment;
  let client: Client;
  let admin: Account;

  beforeAll(async () => {
    deployment = await deploy({ MAINSTAY__JOBS__POLL_SECONDS: '0.5' });
    client = new Client(deployment.url);
    admin = await adminAccount(client, deployment.database.pool);
  });
  afterAll(() => deployment.stop());

  async function login({ username, password }: Account): Promise<string> {
    const { body } = await client.post('/api/v1/auth/login', { identifier: username, password });
    return body.accessToken;
  }
  const kidOf = (token: string) => String(decodeProtectedHeader(token).kid);
  const published = async () =>
    (await client.get('/.well-known/jwks.json')).body.keys.map(({ kid }: { kid: string }) => kid);
  const states = async () => {
    const { body } = await client.get('/api/v1/admin/keys', admin.token);
    const byState = Map.groupBy(body.items as { state: string; kid: string }[], (key) => key.state);
    return (state: string) => byState.get(state)?.map(({ kid }) => kid) ?? [];
  };
  /** What is written is read a moment later by who signs. */
  const signsWith = (kid: string | undefined) =>
    eventually(async () => expect(kidOf(await login(admin))).toBe(kid));
  const statusesOf = async (token: string) =>
    Promise.all(
      ['/api/v1/users/me', '/api/v1/posts/feed'].map(
        async (path) => (await client.get(path, token)).status,
      ),
    );

  it('are all in one answer, and whoever asks for a page of them is told so', async () => {
    const { status, body } = await client.get('/api/v1/admin/keys', admin.token);
    expect([status, body.nextCursor]).toEqual([200, null]);
    for (const query of ['limit=0', 'limit=1', 'cursor=x', 'nothing=1']) {
      const answer = await client.get(`/api/v1/admin/keys?${query}`, admin.token);
      expect([query, answer.status, answer.body.code]).toEqual([query, 400, 'validation_failed']);
    }
  });

  it('A7 rotates: the key that everybody knew already signs, and tokens of the old one live on', async () => {
    const before = await states();
    const [active] = before('active');
    const [standby] = before('standby');
    expect(kidOf(admin.token)).toBe(active);
    expect(await published()).toEqual(expect.arrayContaining([active, standby]));
    const old = await client.account('old');

    const answer = await client.post('/api/v1/admin/keys/rotate', undefined, admin.token);
    expect([answer.status, answer.body]).toEqual([
      200,
      { active: standby, retired: active, standby: expect.any(String) },
    ]);
    await eventually(async () => expect(kidOf(await login(admin))).toBe(standby));
    expect(await statusesOf(old.token)).toEqual([200, 200]);
    expect(await statusesOf(await login(old))).toEqual([200, 200]);
    expect(await published()).toEqual(
      expect.arrayContaining([active, standby, answer.body.standby]),
    );
  });

  it('A7 rotates again at once without a moment in which one process refuses what another signed', async () => {
    const bob = await client.account('bob');
    for (let round = 0; round < 3; round++) {
      await client.post('/api/v1/admin/keys/rotate', undefined, admin.token);
      for (let n = 0; n < 5; n++) expect(await statusesOf(await login(bob))).toEqual([200, 200]);
    }
    const now = await states();
    expect(now('active')).toHaveLength(1);
    expect(now('standby')).toHaveLength(1);
  });

  it('A7 revokes: everything that the key signed is refused, sockets close, its sessions end', async () => {
    const eve = await client.account('eve');
    const socket = await SocketClient.open(deployment.url, eve.token);
    expect(await statusesOf(eve.token)).toEqual([200, 200]);
    const kid = kidOf(eve.token);
    const others = await login(admin);
    const answer = await client.post(`/api/v1/admin/keys/${kid}/revoke`, undefined, others);
    expect(answer.status).toBe(204);

    await eventually(async () => {
      expect(await statusesOf(eve.token)).toEqual([401, 401]);
    }, 5000);
    expect((await socket.closed).code).toBe(4401);
    const refreshed = await client.post('/api/v1/auth/refresh', { refreshToken: eve.refreshToken });
    expect(refreshed.status).toBe(401);
    expect(await published()).not.toContain(kid);
    await eventually(async () => {
      const { rows } = await deployment.database.pool.query(
        'SELECT end_reason FROM auth.sessions WHERE user_id = $1',
        [eve.id],
      );
      expect(rows).toEqual([{ end_reason: 'key_revoked' }]);
    });
    // Whoever knows a password is let in again, by another key.
    await eventually(async () => expect(await statusesOf(await login(eve))).toEqual([200, 200]));
    admin.token = await login(admin);
    expect(
      (await client.post(`/api/v1/admin/keys/${kid}/revoke`, undefined, admin.token)).status,
    ).toBe(404);
  });

  it('A7 revokes: also the session of a token that the key signed at a refresh, or at the repeat of one', async () => {
    for (const refreshes of [1, 2]) {
      const ida = await client.account('ida');
      const refresh = (refreshToken: string) =>
        client.post('/api/v1/auth/refresh', { refreshToken });
      if (refreshes === 2) await refresh(ida.refreshToken);
      const rotation = await client.post('/api/v1/admin/keys/rotate', undefined, admin.token);
      expect(rotation.status).toBe(200);
      await signsWith(rotation.body.active);
      const { accessToken, refreshToken } = (await refresh(ida.refreshToken)).body;
      const kid = kidOf(accessToken);
      expect(kid).toBe(rotation.body.active);
      const path = `/api/v1/admin/keys/${kid}/revoke`;
      expect((await client.post(path, undefined, admin.token)).status).toBe(204);
      expect((await refresh(refreshToken)).status).toBe(401);
      await eventually(async () => {
        // Cookies are of no key: those of the session are told of as well.
        const { rows } = await deployment.database.pool.query(
          `SELECT s.end_reason, r.kind FROM auth.sessions s LEFT JOIN auth.revocations r ON r.subject = s.id::text
           WHERE s.user_id = $1`,
          [ida.id],
        );
        expect(rows).toEqual([{ end_reason: 'key_revoked', kind: 'session' }]);
      });
      await signsWith((await states())('active')[0]);
    }
  });

  it('are rotated and revoked in the audit log, and sessions that ended by it in the history', async () => {
    const log = async (event: string) =>
      (await client.get(`/api/v1/admin/audit?event=${event}`, admin.token)).body.items[0];
    const fay = await client.account('fay');
    const kid = kidOf(fay.token);
    const rotation = await client.post('/api/v1/admin/keys/rotate', undefined, admin.token);
    expect(await log('keys.rotated')).toMatchObject({ actorId: admin.id, detail: rotation.body });
    await signsWith(rotation.body.active);
    admin.token = await login(admin);
    await client.post(`/api/v1/admin/keys/${kid}/revoke`, undefined, admin.token);
    expect(await log('key.revoked')).toMatchObject({
      actorId: admin.id,
      detail: { kid, state: 'retired' },
    });
    const { rows } = await deployment.database.pool.query(
      `SELECT expires_at > now() + interval '1 day' AS lasts FROM auth.revocations
       WHERE kind = 'key' AND subject = $1`,
      [kid],
    );
    expect(rows).toEqual([{ lasts: true }]); // as long as a token can live
    const token = await login(fay);
    await eventually(async () => {
      const { items } = (await client.get('/api/v1/users/me/security', token)).body;
      expect(items).toContainEqual(
        expect.objectContaining({ event: 'session.ended', detail: { reason: 'key_revoked' } }),
      );
    });
  });

  it('keeps every private key encrypted', async () => {
    const { rows } = await deployment.database.pool.query(
      'SELECT encrypted_private_key AS key FROM auth.signing_keys',
    );
    expect(rows.length).toBeGreaterThan(2);
    for (const { key } of rows) expect(key.toString('latin1')).not.toContain('PRIVATE KEY');
  });

  it('is for admins only', async () => {
    const user = await client.account('user');
    for (const path of ['rotate', 'some-key/revoke'])
      expect((await client.post(`/api/v1/admin/keys/${path}`, undefined, user.token)).status).toBe(
        403,
      );
    expect((await client.get('/api/v1/admin/keys', user.token)).status).toBe(403);
    expect((await client.get('/api/v1/admin/keys')).status).toBe(401);
  });
});
