import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { Client, type Account } from '../support/client.js';
import { deploy, type Deployment } from '../support/deployment.js';
import { startMailServer, type MailServer } from '../support/mail-server.js';
import { freePort } from '../support/process.js';

describe('auth', () => {
  let smtp: MailServer;
  let deployment: Deployment;
  let client: Client;
  let ada: Account;

  beforeAll(async () => {
    const port = await freePort();
    smtp = await startMailServer(port);
    deployment = await deploy({
      SMTP_URL: `smtp://127.0.0.1:${port}`,
      MAINSTAY__JOBS__POLL_SECONDS: '0.5',
    });
    client = new Client(deployment.url);
    ada = await client.account('ada');
  });
  afterAll(async () => {
    await deployment.stop();
    await smtp.stop();
  });

  const login = (identifier: string, password: string) =>
    client.post('/api/v1/auth/login', { identifier, password });
  const refresh = (refreshToken: string) => client.post('/api/v1/auth/refresh', { refreshToken });

  it('registers with the claims of the contract in the token', () => {
    expect(decodeProtectedHeader(ada.token)).toEqual({
      alg: 'RS256',
      typ: 'at+jwt',
      kid: expect.any(String),
    });
    const claims = decodeJwt(ada.token);
    expect(Object.keys(claims).sort()).toEqual(
      ['aud', 'exp', 'iat', 'iss', 'jti', 'roles', 'scope', 'sid', 'sub', 'tid'].sort(),
    );
    expect(claims).toMatchObject({ sub: ada.id, tid: 'default', roles: ['user'] });
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(900);
  });

  it('publishes the key that signed it', async () => {
    const jwks = await client.get('/.well-known/jwks.json');
    expect(jwks.headers.get('cache-control')).toContain('max-age=600');
    // The one that signs, and the one that signs next.
    expect(jwks.body.keys).toHaveLength(2);
    expect(jwks.body.keys).toContainEqual({
      kty: 'RSA',
      alg: 'RS256',
      use: 'sig',
      kid: decodeProtectedHeader(ada.token).kid,
      n: expect.any(String),
      e: 'AQAB',
    });
  });

  it('keeps the private key encrypted in the database', async () => {
    const { rows } = await deployment.database.pool.query(
      'SELECT encrypted_private_key AS key FROM auth.signing_keys',
    );
    expect(rows[0].key.toString('latin1')).not.toContain('PRIVATE KEY');
  });

  it('logs in by user name or e-mail address, whatever their case', async () => {
    for (const identifier of [
      ada.username,
      ada.username.toUpperCase(),
      ada.email,
      ada.email.toUpperCase(),
    ]) {
      const answer = await login(identifier, ada.password);
      expect(answer.status).toBe(200);
      expect(answer.body).toEqual({
        accessToken: expect.any(String),
        refreshToken: expect.any(String),
        tokenType: 'Bearer',
        expiresIn: 900,
      });
      expect(answer.headers.get('cache-control')).toBe('no-store');
    }
  });

  it('A12 answers an unknown name and a wrong password with the same bytes but for the ids', async () => {
    const answers = await Promise.all([
      login(ada.username, 'not the password'),
      login('nobody_here', 'not the password'),
    ]);
    const [wrong, unknown] = answers.map(({ status, body }) => ({
      status,
      ...body,
      requestId: '',
      traceId: '',
    }));
    expect(wrong).toEqual(unknown);
    expect(wrong).toMatchObject({ status: 401, code: 'invalid_credentials' });
    expect(answers[0]?.headers.get('www-authenticate')).toBe('Bearer');
  });

  it('refuses a taken user name, also in another case', async () => {
    const body = {
      username: ada.username.toUpperCase(),
      email: 'other@example.com',
      password: 'long enough',
    };
    const answer = await client.post('/api/v1/auth/register', body);
    expect([answer.status, answer.body.code]).toEqual([409, 'username_taken']);
  });

  it('answers a known e-mail address with 202 and tells its owner by mail', async () => {
    const body = { username: `new_${Date.now()}`, email: ada.email, password: 'long enough' };
    const answer = await client.post('/api/v1/auth/register', body);
    expect([answer.status, answer.body]).toEqual([202, { status: 'accepted' }]);
    const mail = await smtp.mail(ada.email, 'Someone tried to register with your address');
    expect(mail.headers['to']).toBe(ada.email);
  });

  it('A8 gives 20 parallel refreshes of one token the same successor', async () => {
    const { refreshToken } = await client.account();
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(refreshToken)));
    expect(answers.map((answer) => answer.status)).toEqual(Array<number>(20).fill(200));
    expect(new Set(answers.map((answer) => answer.body.refreshToken)).size).toBe(1);
  });

  it('A9 ends the session when an older token comes back', async () => {
    const { refreshToken: first } = await client.account();
    const second = (await refresh(first)).body.refreshToken;
    const third = (await refresh(second)).body.refreshToken;
    await deployment.database.pool.query(
      `UPDATE auth.refresh_tokens SET replaced_at = replaced_at - interval '11 s'`,
    );
    const replayed = await refresh(first);
    expect([replayed.status, replayed.body.code]).toEqual([401, 'invalid_refresh_token']);
    expect((await refresh(third)).status).toBe(401);
  });

  it('A9 forgives the direct predecessor only: one before it ends the session, however recent', async () => {
    const { refreshToken: first } = await client.account();
    const second = (await refresh(first)).body.refreshToken;
    const third = (await refresh(second)).body.refreshToken;
    expect((await refresh(second)).body.refreshToken).toBe(third);
    expect((await refresh(first)).status).toBe(401);
    expect((await refresh(third)).status).toBe(401);
  });

  it('stores refresh tokens only as hashes', async () => {
    const { rows } = await deployment.database.pool.query('SELECT * FROM auth.refresh_tokens');
    expect(JSON.stringify(rows)).not.toContain(ada.refreshToken.slice(3));
  });

  it('asks for a token where one is needed, also for paths in other spellings', async () => {
    for (const path of ['/api/v1/users/me', '/api/v1/users/%6De', '/api/v1/posts/feed?x=1']) {
      const answer = await client.get(path);
      expect([answer.status, answer.body.code]).toEqual([401, 'unauthenticated']);
    }
  });

  it('keeps tenants apart', async () => {
    await deployment.database.pool.query(
      `INSERT INTO auth.tenants (id, name) VALUES ('acme', 'Acme')`,
    );
    const eve = await client.account('eve', { 'x-tenant': 'acme' });
    expect(decodeJwt(eve.token)['tid']).toBe('acme');
    const post = await client.write(ada, 'For the default tenant.');
    for (const path of [`/api/v1/posts/${post.id}`, `/api/v1/users/${ada.username}`]) {
      expect((await client.get(path, eve.token)).status).toBe(404);
    }
    expect((await client.get('/api/v1/posts', eve.token)).body.items).toEqual([]);
    expect(
      (await client.get(`/api/v1/posts?author=${ada.username}`, eve.token)).body.items,
    ).toEqual([]);
    expect((await client.follow(eve, ada)).status).toBe(404);
    expect(
      (
        await client.post(
          '/api/v1/auth/login',
          { identifier: ada.username, password: ada.password },
          undefined,
          { 'x-tenant': 'acme' },
        )
      ).status,
    ).toBe(401);
    // Without a token one sees the default tenant, whatever the header says.
    const hidden = await client.write(eve, 'For acme.');
    const path = `/api/v1/posts/${hidden.id}`;
    expect((await client.get(path, undefined, { 'x-tenant': 'acme' })).status).toBe(404);
    // The token decides: the header cannot take its bearer elsewhere.
    expect(
      (await client.get(`/api/v1/users/${ada.username}`, eve.token, { 'x-tenant': 'default' }))
        .status,
    ).toBe(404);
    const unknown = await client.post(
      '/api/v1/auth/login',
      { identifier: 'a', password: 'b' },
      undefined,
      { 'x-tenant': 'nowhere' },
    );
    expect([unknown.status, unknown.body.code]).toEqual([400, 'unknown_tenant']);
  });

  it('A19 takes long and Unicode passwords whole', async () => {
    const password = `${'pä$$wörd '.repeat(12)}🙂`;
    const username = `long_${Date.now()}`;
    const body = { username, email: `${username}@example.com`, password };
    expect((await client.post('/api/v1/auth/register', body)).status).toBe(201);
    expect((await login(username, password)).status).toBe(200);
    expect((await login(username, password.slice(0, -2))).status).toBe(401);
  });

  it('leaves no password, token or full address in the log', () => {
    const logged = JSON.stringify(deployment.app.logs) + deployment.app.stderr;
    for (const secret of [ada.password, ada.token, ada.refreshToken, ada.email])
      expect(logged).not.toContain(secret);
    expect(logged).toContain('"event":"login_refused"');
  });
});
