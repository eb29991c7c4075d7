import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { Client, eventually, type Account } from '../support/client.js';
import { deploy, type Deployment } from '../support/deployment.js';

const ORIGIN = 'https://app.example.com';
const COOKIE = '__Host-mainstay';

describe('browser sessions', () => {
  let deployment: Deployment;
  let client: Client;
  let ada: Account;

  beforeAll(async () => {
    deployment = await deploy({ CORS_ORIGINS: ORIGIN });
    client = new Client(deployment.url);
    ada = await client.account('ada');
  });
  afterAll(() => deployment.stop());

  const setCookieOf = (headers: Headers) =>
    headers.getSetCookie().find((cookie) => cookie.startsWith(`${COOKIE}=`)) ?? '';
  const login = async (headers: Record<string, string> = { origin: ORIGIN }) => {
    const body = { identifier: ada.username, password: ada.password };
    const answer = await client.post('/api/v1/auth/login?mode=cookie', body, undefined, headers);
    const setCookie = setCookieOf(answer.headers);
    return { answer, setCookie, cookie: setCookie.split(';', 1)[0] ?? '' };
  };
  /** A browser with a page of ours. */
  const browse = async () => {
    const { cookie, answer } = await login();
    return { cookie, origin: ORIGIN, 'x-csrf-token': String(answer.body.csrfToken) };
  };

  it('gives a cookie that no script reads, and no refresh token in the body', async () => {
    const { answer, setCookie } = await login();
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      accessToken: expect.any(String),
      tokenType: 'Bearer',
      expiresIn: 900,
      csrfToken: expect.any(String),
    });
    expect(setCookie).toMatch(/^__Host-mainstay=mr_[\w-]{22}\.[\w-]{43}; /);
    const attributes = setCookie.split('; ').slice(1).sort();
    expect(attributes).toEqual([
      'HttpOnly',
      'Max-Age=2592000',
      'Path=/',
      'SameSite=Strict',
      'Secure',
    ]);
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('takes the cookie where a token is taken, in every process', async () => {
    const { cookie } = await browse();
    for (const path of ['/api/v1/users/me', '/api/v1/posts/feed'])
      expect((await client.get(path, undefined, { cookie })).status).toBe(200);
    const sessions = await client.get('/api/v1/auth/sessions', undefined, { cookie });
    expect(sessions.body.items.filter((item: { current: boolean }) => item.current)).toHaveLength(
      1,
    );
    // A public route shows the caller what it shows to who is logged in.
    expect((await client.get('/api/v1/posts', undefined, { cookie })).status).toBe(200);
  });

  it('A17 refuses writes by cookie without the token, with another one, or from a foreign page', async () => {
    const headers = await browse();
    const { 'x-csrf-token': csrf, ...rest } = headers;
    const other = (await login()).answer.body.csrfToken;
    const forged: Record<string, string>[] = [
      rest,
      { ...rest, 'x-csrf-token': '' },
      { ...rest, 'x-csrf-token': other },
      { ...headers, origin: 'https://evil.example' },
      { ...headers, origin: 'null' },
      { ...headers, origin: `${ORIGIN}.evil.example` },
      { cookie: headers.cookie, 'x-csrf-token': csrf },
    ];
    for (const sent of forged) {
      for (const [method, path, body] of [
        ['POST', '/api/v1/posts', { body: 'Forged.' }],
        ['DELETE', '/api/v1/auth/sessions', undefined],
        ['POST', '/api/v1/auth/logout', undefined],
        ['POST', '/api/v1/auth/refresh', undefined],
        ['PUT', `/api/v1/posts/authors/${ada.username}/follow`, undefined],
      ] as const) {
        const answer = await client.call(method, path, { body, headers: sent });
        expect([method, path, answer.status, answer.body.code]).toEqual([
          ...[method, path, 403, 'csrf_refused'],
        ]);
      }
    }
    for (const missing of ['origin', 'token'])
      await deployment.app.log(
        ({ event, reason }) => event === 'csrf_refused' && reason === missing,
      );
    const posted = await client.post('/api/v1/posts', { body: 'Mine.' }, undefined, headers);
    expect(posted.status).toBe(201);
  });

  it('gives a page that was loaded again its token', async () => {
    const headers = await browse();
    const answer = await client.get('/api/v1/auth/csrf', undefined, { cookie: headers.cookie });
    expect(answer.body).toEqual({ csrfToken: headers['x-csrf-token'] });
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('refreshes by the cookie: another one, the same token against forgery', async () => {
    const headers = await browse();
    const refresh = () => client.post('/api/v1/auth/refresh', undefined, undefined, headers);
    const [first, second] = await Promise.all([refresh(), refresh()]); // two tabs
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(setCookieOf(first.headers)).toBe(setCookieOf(second.headers));
    expect(first.body.csrfToken).toBe(headers['x-csrf-token']);
    expect(first.body).not.toHaveProperty('refreshToken');
    const cookie = setCookieOf(first.headers).split(';', 1)[0] ?? '';
    expect(cookie).not.toBe(headers.cookie);
    const posted = await client.post('/api/v1/posts', { body: 'On.' }, undefined, {
      ...headers,
      cookie,
    });
    expect(posted.status).toBe(201);
  });

  it('ends with the logout: the cookie is taken away and stands for nobody, everywhere', async () => {
    const headers = await browse();
    expect((await client.get('/api/v1/posts/feed', undefined, headers)).status).toBe(200);
    const answer = await client.post('/api/v1/auth/logout', undefined, undefined, headers);
    expect(answer.status).toBe(204);
    expect(setCookieOf(answer.headers)).toContain('Max-Age=0');
    await eventually(async () => {
      for (const path of ['/api/v1/users/me', '/api/v1/posts/feed'])
        expect((await client.get(path, undefined, headers)).status).toBe(401);
    }, 5000);
    // Public routes stay open to whoever still sends it.
    expect((await client.get('/api/v1/posts', undefined, headers)).status).toBe(200);
    expect((await login({ origin: ORIGIN, cookie: headers.cookie })).answer.status).toBe(200);
  });

  it('gives no cookie to a page of another origin', async () => {
    const { answer, setCookie } = await login({ origin: 'https://evil.example' });
    expect([answer.status, answer.body.code, setCookie]).toEqual([403, 'csrf_refused', '']);
    const username = `new_${Date.now()}`;
    const registered = await client.post(
      '/api/v1/auth/register?mode=cookie',
      { username, email: `${username}@example.com`, password: 'long enough for this' },
      undefined,
      { origin: 'https://evil.example' },
    );
    expect([registered.status, registered.body.code, setCookieOf(registered.headers)]).toEqual([
      ...[403, 'csrf_refused', ''],
    ]);
    expect((await client.get(`/api/v1/users/${username}`)).status).toBe(404);
    expect((await client.post('/api/v1/auth/login?mode=token', {})).status).toBe(400);
  });

  it('leaves clients with tokens alone: a header goes before a cookie and needs no page', async () => {
    const { cookie } = await browse();
    const answer = await client.post('/api/v1/posts', { body: 'By token.' }, ada.token, { cookie });
    expect(answer.status).toBe(201);
    expect((await client.get('/api/v1/users/me', 'nonsense', { cookie })).status).toBe(401);
  });

  it('is kept apart in answers of refreshes: the same Idempotency-Key gives nobody what another was given', async () => {
    const bob = await client.account('bob');
    const login = { identifier: bob.username, password: bob.password };
    const his = await client.post('/api/v1/auth/login?mode=cookie', login, undefined, {
      origin: ORIGIN,
    });
    const cookie = setCookieOf(his.headers).split(';', 1)[0] ?? '';
    const bobs = { cookie, origin: ORIGIN, 'x-csrf-token': String(his.body.csrfToken) };
    const key = { 'idempotency-key': 'refresh-1' };
    const refresh = (headers: Record<string, string>) =>
      client.post('/api/v1/auth/refresh', undefined, undefined, { ...headers, ...key });
    const adas = await browse();
    const [mine, theirs] = [await refresh(adas), await refresh(bobs)];
    expect([mine.status, theirs.status]).toEqual([200, 200]);
    expect(decodeJwt(mine.body.accessToken).sub).toBe(ada.id);
    expect(decodeJwt(theirs.body.accessToken).sub).toBe(bob.id);
    expect(theirs.headers.get('idempotency-replayed')).toBeNull();
    const again = await refresh(adas);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again.body).toEqual(mine.body);
  });

  it('ends at once also where its last access token ended long ago', async () => {
    const headers = await browse();
    for (const path of ['/api/v1/users/me', '/api/v1/posts/feed'])
      expect((await client.get(path, undefined, headers)).status).toBe(200);
    await deployment.database.pool.query(
      `UPDATE auth.sessions SET token_expires_at = now() - interval '1 hour' WHERE user_id = $1`,
      [ada.id],
    );
    await client.post('/api/v1/auth/logout', undefined, undefined, headers);
    await eventually(async () => {
      for (const path of ['/api/v1/users/me', '/api/v1/posts/feed'])
        expect((await client.get(path, undefined, headers)).status).toBe(401);
    }, 5000);
  });

  it('is not opened by a cookie that was replaced longer ago than ten seconds', async () => {
    const headers = await browse();
    // Without the cookie, which would be remembered by it.
    const refreshToken = headers.cookie.replace(`${COOKIE}=`, '');
    expect((await client.post('/api/v1/auth/refresh', { refreshToken })).status).toBe(200);
    await deployment.database.pool.query(
      `UPDATE auth.refresh_tokens SET replaced_at = replaced_at - interval '11 s'`,
    );
    for (const path of ['/api/v1/auth/sessions', '/api/v1/posts/feed'])
      expect((await client.get(path, undefined, headers)).status).toBe(401);
  });

  it('A7 is not opened by the cookie of a revoked key, also before the job has ended it', async () => {
    const headers = await browse();
    const { pool } = deployment.database;
    await pool.query(
      `UPDATE auth.sessions SET signed_by = 'a revoked key'
       WHERE id = (SELECT id FROM auth.sessions WHERE user_id = $1 ORDER BY id DESC LIMIT 1)`,
      [ada.id],
    );
    await pool.query(
      `INSERT INTO auth.revocations (kind, subject, expires_at)
       VALUES ('key', 'a revoked key', now() + interval '1 hour')`,
    );
    for (const path of ['/api/v1/users/me', '/api/v1/posts/feed'])
      expect((await client.get(path, undefined, headers)).status).toBe(401);
    const refreshed = await client.post('/api/v1/auth/refresh', undefined, undefined, headers);
    expect(refreshed.status).toBe(401);
  });

  it('ends when it has expired', async () => {
    const headers = await browse();
    await deployment.database.pool.query(
      'UPDATE auth.sessions SET expires_at = now() WHERE user_id = $1',
      [ada.id],
    );
    for (const path of ['/api/v1/users/me', '/api/v1/posts/feed'])
      expect((await client.get(path, undefined, headers)).status).toBe(401);
    const refreshed = await client.post('/api/v1/auth/refresh', undefined, undefined, headers);
    expect(refreshed.status).toBe(401);
  });

  it('takes no refresh without a token and without a cookie', async () => {
    const answer = await client.post('/api/v1/auth/refresh', {});
    expect([answer.status, answer.body.errors[0].path]).toEqual([400, 'refreshToken']);
  });
});

describe('A16 a token in the address', () => {
  it('is refused, valid or not, and stands in no log', async () => {
    const deployment = await deploy();
    const client = new Client(deployment.url);
    const ada = await client.account('ada');
    for (const name of ['access_token', 'token', 'accessToken', 'token[]', 'apikey', 'jwt'])
      for (const path of [
        '/api/v1/users/me',
        '/api/v1/posts',
        '/api/v1/posts/feed',
        '/.well-known/jwks.json',
      ])
        for (const token of [ada.token, 'nonsense', '']) {
          const answer = await client.get(`${path}?${name}=${token}`);
          expect([path, name, answer.status, answer.body.code]).toEqual([
            ...[path, name, 401, 'invalid_token'],
          ]);
          expect(answer.headers.get('www-authenticate')).toBe('Bearer');
        }
    const jwt = ada.token;
    const key = `mk_${'a-B_9'.repeat(9).slice(0, 43)}`;
    for (const secret of [jwt, key, ada.refreshToken]) {
      for (const path of [
        `/api/v1/users/${ada.username}?auth=${secret}`,
        `/api/v1/users/${ada.username}?key=Bearer%20${secret}&x=1`,
        `/api/v1/users/${secret}`,
        `/api/v1/nothing/${secret}/more`,
        `/api/v1/${secret}/%zz`,
        `/docs?x=${secret}`,
        `/api/v1/auth/oauth/google/callback?error=${secret}`,
      ]) {
        const answer = await client.get(path);
        expect([path, answer.status, answer.body.code]).toEqual([path, 401, 'invalid_token']);
        expect(answer.headers.get('www-authenticate')).toBe('Bearer');
        expect(answer.text).not.toContain(secret);
      }
      // What a provider calls a code may look like anything; here there is no flow that it belongs to.
      const callback = `/api/v1/auth/oauth/google/callback?code=${secret}&state=${secret}`;
      expect((await client.get(callback)).body.code).not.toBe('invalid_token');
    }
    for (const name of ['eyJohn.of.the.woods.at.dawn.x', 'mk_short', 'mr_bean'])
      expect((await client.get(`/api/v1/users/${name}`)).status).toBe(404);
    await deployment.stop();
    const logged = JSON.stringify(deployment.app.logs) + deployment.app.stderr;
    expect(logged).toContain('"endpoint":"/api/v1/users/me"');
    for (const secret of [jwt, key, ada.refreshToken]) expect(logged).not.toContain(secret);
  });
});
