import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { SocketClient } from '../../scripts/socket-client.ts';
import { Client, eventually, type Account } from '../support/client.js';
import { deploy, type Deployment } from '../support/deployment.js';
import { shortest } from '../support/shortest.js';

describe('sessions', () => {
  let deployment: Deployment;
  let client: Client;

  beforeAll(async () => {
    deployment = await deploy();
    client = new Client(deployment.url);
  });
  afterAll(() => deployment.stop());

  const login = async ({ username, password }: Account, device = 'a phone') => {
    const body = { identifier: username, password };
    const headers = { 'user-agent': device };
    const answer = await client.post('/api/v1/auth/login', body, undefined, headers);
    expect(answer.status).toBe(200);
    return answer.body as { accessToken: string; refreshToken: string };
  };
  const refresh = (refreshToken: string) => client.post('/api/v1/auth/refresh', { refreshToken });
  const list = async (token: string, query = '') =>
    (await client.get(`/api/v1/auth/sessions${query}`, token)).body;
  const end = (path: string, token: string) =>
    client.call('DELETE', `/api/v1/auth/sessions${path}`, { token });
  /** In the process of auth and in that of posts. */
  const isRefused = (token: string) =>
    eventually(async () => {
      for (const path of ['/api/v1/users/me', '/api/v1/posts/feed'])
        expect((await client.get(path, token)).status).toBe(401);
    }, 5000);
  const reasons = async ({ id }: Account) =>
    (
      await deployment.database.pool.query(
        'SELECT end_reason FROM auth.sessions WHERE user_id = $1 AND ended_at IS NOT NULL ORDER BY ended_at',
        [id],
      )
    ).rows.map((row: { end_reason: string }) => row.end_reason);

  it('lists the open sessions of the caller, newest first, in pages', async () => {
    const ada = await client.account('ada');
    const phone = await login(ada, 'a phone');
    const { items, nextCursor } = await list(phone.accessToken);
    expect(nextCursor).toBeNull();
    expect(items).toEqual([
      {
        id: decodeJwt(phone.accessToken)['sid'],
        device: 'a phone',
        ip: '127.0.0.1',
        createdAt: expect.stringMatching(/Z$/),
        lastUsedAt: expect.stringMatching(/Z$/),
        current: true,
      },
      expect.objectContaining({ id: decodeJwt(ada.token)['sid'], current: false }),
    ]);
    const first = await list(phone.accessToken, '?limit=1');
    expect(first.items).toHaveLength(1);
    const second = await list(phone.accessToken, `?limit=1&cursor=${first.nextCursor}`);
    expect(second.items[0].id).toBe(items[1].id);
    // A cursor of somebody else's list is none.
    const bob = await client.account('bob');
    expect(
      (await client.get(`/api/v1/auth/sessions?cursor=${first.nextCursor}`, bob.token)).status,
    ).toBe(400);
  });

  it('A11 ends a session at logout: its tokens, its socket, and nothing of the others', async () => {
    const ada = await client.account('ada');
    const phone = await login(ada);
    const socket = await SocketClient.open(deployment.url, phone.accessToken);
    const other = await SocketClient.open(deployment.url, ada.token);
    const answer = await client.post('/api/v1/auth/logout', undefined, phone.accessToken);
    expect([answer.status, answer.text]).toEqual([204, '']);
    // Where it was ended it is refused at once, elsewhere and on sockets within five seconds.
    expect((await client.get('/api/v1/users/me', phone.accessToken)).status).toBe(401);
    await isRefused(phone.accessToken);
    expect((await socket.closed).code).toBe(4401);
    expect((await refresh(phone.refreshToken)).status).toBe(401);
    expect((await client.get('/api/v1/users/me', ada.token)).status).toBe(200);
    other.send({ op: 'ping', id: 1 });
    await other.frame('pong');
    other.close();
    expect(await reasons(ada)).toEqual(['logout']);
  });

  it('ends one of the caller’s sessions, and never one of somebody else', async () => {
    const [ada, bob] = await Promise.all([client.account('ada'), client.account('bob')]);
    const phone = await login(ada);
    const id = String(decodeJwt(phone.accessToken)['sid']);
    expect((await end(`/${id}`, bob.token)).status).toBe(404);
    expect((await end('/not-an-id', ada.token)).status).toBe(400);
    expect((await end(`/${id}`, ada.token)).status).toBe(204);
    expect((await end(`/${id}`, ada.token)).status).toBe(404);
    await isRefused(phone.accessToken);
    expect((await list(ada.token)).items).toHaveLength(1);
  });

  it('ends all of them, or all but the current one', async () => {
    const ada = await client.account('ada');
    const phone = await login(ada);
    expect((await end('?except=current', ada.token)).status).toBe(204);
    await isRefused(phone.accessToken);
    expect((await list(ada.token)).items).toEqual([expect.objectContaining({ current: true })]);
    expect((await end('', ada.token)).status).toBe(204);
    await isRefused(ada.token);
  });

  it('tells in the history of each session that was ended', async () => {
    const ada = await client.account('ada');
    const others = [await login(ada), await login(ada), await login(ada)];
    expect((await end('?except=current', ada.token)).status).toBe(204);
    const { items } = (await client.get('/api/v1/users/me/security', ada.token)).body;
    const ended = items.filter(({ event }: { event: string }) => event === 'session.ended');
    const ids = others.map(({ accessToken }) => decodeJwt(accessToken)['sid']);
    expect(ended.map(({ sessionId }: { sessionId: string }) => sessionId)).toEqual(
      expect.arrayContaining(ids),
    );
    expect(ended).toHaveLength(3);
    for (const { detail } of ended) expect(detail).toEqual({ reason: 'ended_by_user' });
  });

  it('A9 ends the family of a replayed refresh token: its access tokens and sockets too, within a second', async () => {
    const took = await shortest(1000, async () => {
      const ada = await client.account('ada');
      const second = (await refresh(ada.refreshToken)).body;
      await refresh(second.refreshToken);
      const socket = await SocketClient.open(deployment.url, second.accessToken);
      expect((await client.get('/api/v1/posts/feed', second.accessToken)).status).toBe(200);
      expect((await refresh(ada.refreshToken)).status).toBe(401);
      const replayed = performance.now();
      await eventually(async () => {
        for (const token of [ada.token, second.accessToken])
          for (const path of ['/api/v1/users/me', '/api/v1/posts/feed'])
            expect((await client.get(path, token)).status).toBe(401);
      });
      expect((await socket.closed).code).toBe(4401);
      const ended = performance.now();
      expect(await reasons(ada)).toEqual(['refresh_token_replayed']);
      return ended - replayed;
    });
    expect(took).toBeLessThanOrEqual(1000);
  });

  it('A5 takes no token of another kind, audience or issuer', async () => {
    const ada = await client.account('ada');
    for (const token of [ada.refreshToken, ada.refreshToken.slice(3), `mk_${'a'.repeat(43)}`]) {
      const answer = await client.get('/api/v1/users/me', token);
      expect([answer.status, answer.body.code]).toEqual([401, 'invalid_token']);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    }
    const asRefresh = await refresh(ada.token);
    expect([asRefresh.status, asRefresh.body.code]).toEqual([401, 'invalid_refresh_token']);
  });

  it('takes no refresh token of a session that has expired', async () => {
    const ada = await client.account('ada');
    await deployment.database.pool.query(
      'UPDATE auth.sessions SET expires_at = now() WHERE user_id = $1',
      [ada.id],
    );
    const answer = await refresh(ada.refreshToken);
    expect([answer.status, answer.body.code]).toEqual([401, 'invalid_refresh_token']);
    const { rows } = await deployment.database.pool.query(
      'SELECT expires_at <= now() AS over FROM auth.sessions WHERE user_id = $1',
      [ada.id],
    );
    expect(rows).toEqual([{ over: true }]);
  });

  it('A11 remembers the end of a session for as long as its newest access token lives', async () => {
    const { pool } = deployment.database;
    // As it was signed by a refresh, and by the repeat of one, long after the login.
    for (const refreshes of [1, 2]) {
      const ada = await client.account('ada');
      let { token } = ada;
      for (let n = 0; n < refreshes; n++) {
        await pool.query(
          `UPDATE auth.sessions SET token_expires_at = now() - interval '1 hour' WHERE user_id = $1`,
          [ada.id],
        );
        token = (await refresh(ada.refreshToken)).body.accessToken;
      }
      const { exp, sid } = decodeJwt(token);
      expect((await client.post('/api/v1/auth/logout', undefined, token)).status).toBe(204);
      const { rows } = await pool.query(
        `SELECT expires_at >= to_timestamp($2) AS lasts FROM auth.revocations WHERE subject = $1`,
        [sid, exp],
      );
      expect(rows).toEqual([{ lasts: true }]);
    }
  });

  it('keeps at most a hundred sessions open: another login ends the least used', async () => {
    const ada = await client.account('ada');
    await deployment.database.pool.query(
      `INSERT INTO auth.sessions (id, tenant_id, user_id, ip, device, expires_at)
       SELECT gen_random_uuid(), 'default', $1, '::1', 'many', now() + interval '1 day' FROM generate_series(1, 99)`,
      [ada.id],
    );
    await deployment.database.pool.query(
      `UPDATE auth.sessions SET last_used_at = now() - interval '1 hour' WHERE id = $1`,
      [decodeJwt(ada.token)['sid']],
    );
    await login(ada);
    await isRefused(ada.token);
    expect(await reasons(ada)).toEqual(['too_many_sessions']);
  });

  describe('refreshed under an Idempotency-Key', () => {
    const refreshed = async (name: string) => {
      const ada = await client.account('ada');
      const again = () =>
        client.post('/api/v1/auth/refresh', { refreshToken: ada.refreshToken }, undefined, {
          'idempotency-key': name,
        });
      const first = (await again()).body;
      await deployment.database.pool.query(
        `UPDATE auth.refresh_tokens SET replaced_at = replaced_at - interval '11 s'`,
      );
      return { again, first };
    };

    it('K1 give the same answer again while its tokens were not used: it was lost', async () => {
      const { again, first } = await refreshed('lost');
      const repeat = await again();
      expect([repeat.status, repeat.headers.get('idempotency-replayed')]).toEqual([200, 'true']);
      expect(repeat.body).toEqual(first);
      expect((await refresh(first.refreshToken)).status).toBe(200);
    });

    it('A9 end where they were: somebody has copied the request', async () => {
      const { again, first } = await refreshed('copied');
      const third = (await refresh(first.refreshToken)).body;
      const repeat = await again();
      expect([repeat.status, repeat.headers.get('idempotency-replayed')]).toEqual([401, null]);
      expect((await refresh(third.refreshToken)).status).toBe(401);
    });

    it('are refused once they have ended', async () => {
      const { again, first } = await refreshed('ended');
      await client.post('/api/v1/auth/logout', undefined, first.accessToken);
      expect((await again()).status).toBe(401);
    });

    it('K2 take no other token with the same key', async () => {
      const { again } = await refreshed('other');
      const { refreshToken } = await client.account('bob');
      const other = await client.post('/api/v1/auth/refresh', { refreshToken }, undefined, {
        'idempotency-key': 'other',
      });
      expect([other.status, other.body.code]).toEqual([422, 'idempotency_key_reused']);
      expect((await again()).status).toBe(200);
    });
  });

  it('does not log out an account by a repeat of its logout', async () => {
    const ada = await client.account('ada');
    const phone = await login(ada);
    const key = { 'idempotency-key': 'logout-once' };
    const logout = () => client.post('/api/v1/auth/logout', undefined, phone.accessToken, key);
    expect((await logout()).status).toBe(204);
    // The session is gone: the repeat is refused for that, and changes nothing.
    expect((await logout()).status).toBe(401);
    expect((await client.get('/api/v1/users/me', ada.token)).status).toBe(200);
  });
});
