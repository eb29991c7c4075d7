import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { decodeJwt, generateKeyPair } from 'jose';
import type { AuthConfig } from '../../src/modules/auth/auth.config.js';
import { SealedBox } from '../../src/modules/auth/keys/sealed-box.js';
import { Client, eventually, type Account } from '../support/client.js';
import { deploy, type Deployment } from '../support/deployment.js';
import { startGitHubStub, type GitHubStub } from '../support/github-stub.js';
import { OAuthBrowser } from '../support/oauth-browser.js';
import { startOidcProvider, type OidcServer } from '../support/oidc-provider.js';
import { freePort } from '../support/process.js';
import { startProxy, type TcpProxy } from '../support/tcp-proxy.js';

const PUBLIC_URL = 'https://api.example.test';
const APP = 'https://app.example.test';
const KEY = randomBytes(32).toString('base64url');
/** Seals as the application does, to make cookies that it never made. */
const box = new SealedBox({ keyEncryptionKey: KEY } as AuthConfig, 'oauth flows');

describe('signing in elsewhere', () => {
  let google: OidcServer;
  let github: GitHubStub;
  let network: TcpProxy;
  let deployment: Deployment;
  let client: Client;
  /** What must be in no log. */
  const secrets = new Set<string>();

  beforeAll(async () => {
    const [port, githubPort] = [await freePort(), await freePort()];
    network = await startProxy(port);
    const callback = `${PUBLIC_URL}/api/v1/auth/oauth/google/callback`;
    google = await startOidcProvider(callback, port, `http://127.0.0.1:${network.port}`);
    github = await startGitHubStub(githubPort);
    deployment = await deploy({
      PUBLIC_URL,
      AUTH_KEY_ENCRYPTION_KEY: KEY,
      CORS_ORIGINS: APP,
      GOOGLE_CLIENT_ID: google.clientId,
      GOOGLE_CLIENT_SECRET: google.clientSecret,
      MAINSTAY__OAUTH__GOOGLE__ISSUER: google.issuer,
      GITHUB_CLIENT_ID: github.clientId,
      GITHUB_CLIENT_SECRET: github.clientSecret,
      MAINSTAY__OAUTH__GITHUB__AUTHORIZATION_URL: `${github.url}/login/oauth/authorize`,
      MAINSTAY__OAUTH__GITHUB__TOKEN_URL: `${github.url}/login/oauth/access_token`,
      MAINSTAY__OAUTH__GITHUB__API_URL: `${github.url}/api/v3`,
    });
    client = new Client(deployment.url);
    secrets.add(google.clientSecret).add(github.clientSecret);
  });
  afterAll(async () => {
    await deployment.stop();
    await google.stop();
    await github.stop();
    await network.stop();
  });
  beforeEach(() => {
    Object.assign(google, { refuses: false, alter: undefined, person: somebody() });
  });

  const browser = () => new OAuthBrowser(client, PUBLIC_URL);
  const me = async (token: string) => (await client.get('/api/v1/users/me', token)).body;
  const sql = async (text: string, values: unknown[] = []) =>
    (await deployment.database.pool.query(text, values)).rows;
  /** What happened to an account after it was registered with a password, if it was. */
  const audit = (userId: string) =>
    sql(
      `SELECT event, result, detail FROM auth.audit_log WHERE subject_id = $1 AND event NOT LIKE 'session%'
         AND (event <> 'account.registered' OR detail ? 'provider') ORDER BY id`,
      [userId],
    );
  const verify = ({ token }: Pick<Account, 'token'>) =>
    sql('UPDATE auth.users SET email_verified_at = now() WHERE id = $1', [decodeJwt(token).sub]);
  /** How often the owner was told of a linked identity. */
  const linkMailsOf = async (userId: string): Promise<number> => {
    const mails = `SELECT FROM jobs.job WHERE name = 'auth.mail'
      AND data->'data'->>'template' = 'identity-linked' AND data->'data'->>'userId' = $1`;
    return (await sql(mails, [userId])).length;
  };
  const identitiesOf = (token: string) => client.get('/api/v1/auth/identities', token);

  /** Why sign-ins were refused, as the operators read it. */
  const reasons = () =>
    deployment.app.logs.flatMap(({ event, reason }) => (event === 'oauth_refused' ? [reason] : []));

  let people = 0;
  function somebody(more: object = {}) {
    const sub = `person-${++people}`;
    const [email, name] = [`${sub}@example.org`, `Person ${people}`];
    return { sub, email, email_verified: true, name, ...more };
  }

  /** Links what is signed in to at the provider to an account. */
  async function link(account: Pick<Account, 'token'>, provider = 'google', window = browser()) {
    await verify(account);
    const begun = await client.post(
      `/api/v1/auth/oauth/${provider}/link`,
      undefined,
      account.token,
    );
    expect([begun.status, begun.headers.get('cache-control')]).toEqual([200, 'no-store']);
    window.keep(begun.headers);
    return window.callback(await window.signIn(begun.body.url));
  }

  it('goes to the provider with PKCE, state and nonce, and keeps the rest in a sealed cookie', async () => {
    const { status, location, headers } = await browser().begin('google');
    expect([status, headers.get('cache-control')]).toEqual([302, 'no-store']);
    const url = new URL(location);
    expect(url.origin).toBe(google.issuer);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: google.clientId,
      response_type: 'code',
      redirect_uri: `${PUBLIC_URL}/api/v1/auth/oauth/google/callback`,
      scope: 'openid email profile',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
    });
    const [cookie = ''] = headers.getSetCookie();
    expect(cookie).toMatch(/^__Host-oauth=[\w-]+;/);
    expect(cookie.split('; ').slice(1).sort()).toEqual(
      ['HttpOnly', 'Max-Age=600', 'Path=/', 'SameSite=Lax', 'Secure'].sort(),
    );
    expect(Buffer.from(cookie, 'base64').toString('latin1')).not.toContain('google');
  });

  it('creates an account at the first sign-in, and finds it at the second', async () => {
    const first = await browser().all('google');
    expect(first.status).toBe(200);
    expect(first.body).toEqual({
      accessToken: expect.any(String),
      refreshToken: expect.any(String),
      tokenType: 'Bearer',
      expiresIn: 900,
    });
    expect(first.headers.get('cache-control')).toBe('no-store');
    expect(first.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^__Host-oauth=; Max-Age=0; Path=\/; HttpOnly; Secure; SameSite=Lax$/),
    ]);
    const profile = await me(first.body.accessToken);
    const { email, name } = google.person;
    const username = name?.replace(' ', '_');
    expect(profile).toMatchObject({ email, username, displayName: name, roles: ['user'] });
    const [row] = await sql('SELECT * FROM auth.users WHERE id = $1', [profile.id]);
    expect(row).toMatchObject({ password_hash: null, email_verified_at: expect.any(Date) });

    google.person = { ...google.person, email: 'another@example.org', name: 'Renamed' };
    const second = await browser().all('google');
    expect(decodeJwt(second.body.accessToken).sub).toBe(profile.id);
    expect((await me(second.body.accessToken)).email).toBe(email);
    expect((await audit(profile.id)).map(({ event }) => event)).toEqual([
      ...['account.registered', 'identity.linked', 'login', 'login'],
    ]);
    expect(await linkMailsOf(profile.id)).toBe(0); // it came with the account
    expect((await identitiesOf(second.body.accessToken)).body).toEqual({
      items: [
        {
          id: expect.any(String),
          provider: 'google',
          email: 'another@example.org',
          createdAt: expect.any(String),
          lastUsedAt: expect.any(String),
        },
      ],
      nextCursor: null,
    });
  });

  it('gives an account without a password no way in by one', async () => {
    const { accessToken } = (await browser().all('google')).body;
    const { username } = await me(accessToken);
    const answer = await client.post('/api/v1/auth/login', {
      identifier: username,
      password: 'whatever it may be',
    });
    expect([answer.status, answer.body.code]).toEqual([401, 'invalid_credentials']);
  });

  it('makes one account of parallel first sign-ins', async () => {
    const windows = [browser(), browser(), browser()];
    const paths = await Promise.all(
      windows.map(async (window) => window.signIn((await window.begin('google')).location)),
    );
    const answers = await Promise.all(
      windows.map((window, index) => window.callback(paths[index] ?? '')),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(new Set(answers.map(({ body }) => decodeJwt(body.accessToken).sub)).size).toBe(1);
  });

  it('finds another user name where the one of the profile is taken', async () => {
    const ada = await client.account('ada');
    google.person = somebody({ preferred_username: ada.username });
    const { accessToken } = (await browser().all('google')).body;
    expect((await me(accessToken)).username).toMatch(new RegExp(`^${ada.username}_\\d{3,}$`));
  });

  it('asks the userinfo endpoint for an address that the ID token does not tell', async () => {
    google.person = somebody({ onlyInUserInfo: true });
    const { status, body } = await browser().all('google');
    expect(status).toBe(200);
    expect((await me(body.accessToken)).email).toBe(google.person.email);
  });

  it('links to the account with the same address when both sides have verified it', async () => {
    const ada = await client.account('ada');
    await verify(ada);
    google.person = somebody({ email: ada.email.toUpperCase() });
    const { status, body } = await browser().all('google');
    expect([status, decodeJwt(body.accessToken).sub]).toEqual([200, ada.id]);
    expect(await audit(ada.id)).toMatchObject([
      { event: 'identity.linked', detail: { provider: 'google' } },
      { event: 'login', detail: { provider: 'google' } },
    ]);
    expect(await linkMailsOf(ada.id)).toBe(1);
  });

  it('refuses an address that the provider has not verified, also that of a verified account', async () => {
    const ada = await client.account('ada');
    await verify(ada);
    for (const person of [
      somebody({ email_verified: false }),
      somebody({ email_verified: 'true' }),
      somebody({ email: undefined }),
      somebody({ email: ada.email, email_verified: false }),
    ]) {
      google.person = person;
      const { status, body } = await browser().all('google');
      expect([status, body.code]).toEqual([403, 'oauth_email_unverified']);
    }
    expect(await audit(ada.id)).toEqual([]);
  });

  it('refuses an account whose owner has never verified its address', async () => {
    const squatter = await client.account('squatter');
    google.person = somebody({ email: squatter.email });
    const { status, body } = await browser().all('google');
    expect([status, body.code]).toEqual([409, 'oauth_account_unverified']);
    expect(body.detail).toContain('Reset its password by mail');
    expect(await audit(squatter.id)).toMatchObject([
      { event: 'login', result: 'failure', detail: { reason: 'oauth_account_unverified' } },
    ]);
    await verify(squatter); // e.g. by the mail of a reset
    expect((await browser().all('google')).status).toBe(200);
  });

  it.each(['banned_at', 'deleted_at'])('refuses an account with %s', async (column) => {
    const { sub: id = '' } = decodeJwt((await browser().all('google')).body.accessToken);
    await sql(`UPDATE auth.users SET ${column} = now() WHERE id = $1`, [id]);
    const { status, body } = await browser().all('google');
    expect([status, body.code]).toEqual([403, 'oauth_account_closed']);
    expect((await audit(id)).at(-1)).toMatchObject({ event: 'login', result: 'failure' });
    // Nor is another identity linked to it by its address.
    google.person = somebody({ email: google.person.email });
    expect((await browser().all('google')).body.code).toBe('oauth_account_closed');
  });

  describe('keeps out', () => {
    const refused = async (path: string, cookie: string, code: string) => {
      const answer = await browser().callback(path, cookie);
      expect([answer.status, answer.body.code]).toEqual([400, code]);
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
    };
    /** A flow just before it ends. */
    const ready = async (window = browser(), provider = 'google') => {
      const path = await window.signIn((await window.begin(provider)).location);
      const parameters = new URL(path, PUBLIC_URL).searchParams;
      for (const name of ['code', 'state'])
        if (parameters.has(name)) secrets.add(parameters.get(name) ?? '');
      return { window, path, cookie: window.cookie };
    };
    const changed = (cookie: string, change: object) => {
      const flow = JSON.parse(box.open(Buffer.from(cookie.split('=')[1] ?? '', 'base64url')));
      const sealed = box.seal(JSON.stringify({ ...flow, ...change }));
      return `__Host-oauth=${sealed.toString('base64url')}`;
    };

    it('a wrong, a missing and a foreign state', async () => {
      const { path, cookie } = await ready();
      await refused(path.replace(/state=[^&]+/, 'state=wrong'), cookie, 'oauth_flow_invalid');
      await refused(path.replace(/&?state=[^&]+/, ''), cookie, 'oauth_flow_invalid');
      await refused(path, (await ready()).cookie, 'oauth_flow_invalid');
      expect((await browser().callback(path, cookie)).status).toBe(200);
    });

    it('an answer to a sign-in begun before, and leaves the later one alone', async () => {
      const first = await ready();
      const { path } = await ready(first.window);
      const early = await first.window.callback(first.path);
      expect([early.status, early.headers.getSetCookie()]).toEqual([400, []]);
      expect((await first.window.callback(path)).status).toBe(200);
    });

    it('a browser without the cookie, and one with a cookie that was tampered with', async () => {
      const { path, cookie } = await ready();
      await refused(path, '', 'oauth_flow_invalid');
      await refused(path, '__Host-oauth=', 'oauth_flow_invalid');
      await refused(path, `${cookie}AAAA`, 'oauth_flow_invalid');
      const middle = cookie.length >> 1;
      const other = cookie[middle] === 'A' ? 'B' : 'A';
      const flipped = cookie.slice(0, middle) + other + cookie.slice(middle + 1);
      await refused(path, flipped, 'oauth_flow_invalid');
      const foreign = new SealedBox({ keyEncryptionKey: KEY } as AuthConfig, 'signing keys');
      const flow = box.open(Buffer.from(cookie.split('=')[1] ?? '', 'base64url'));
      const resealed = foreign.seal(flow).toString('base64url');
      await refused(path, `__Host-oauth=${resealed}`, 'oauth_flow_invalid');
    });

    it('a cookie that has expired, whatever the browser thinks', async () => {
      const { path, cookie } = await ready();
      const late = changed(cookie, { expiresAt: Date.now() - 1 });
      await refused(path, late, 'oauth_flow_invalid');
      expect((await browser().callback(path, changed(cookie, {}))).status).toBe(200);
    });

    it('the answer of another provider than the flow began with', async () => {
      const { path, cookie } = await ready();
      await refused(path.replace('google', 'github'), cookie, 'oauth_flow_invalid');
    });

    it('a code that was used before', async () => {
      const { path, cookie } = await ready();
      expect((await browser().callback(path, cookie)).status).toBe(200);
      await refused(path, cookie, 'oauth_refused');
    });

    it('a code whose flow had another PKCE verifier or nonce', async () => {
      const { path, cookie } = await ready();
      const verifier = randomBytes(32).toString('base64url');
      await refused(path, changed(cookie, { verifier }), 'oauth_refused');
      const second = await ready();
      const nonce = changed(second.cookie, { nonce: 'another' });
      await refused(second.path, nonce, 'oauth_refused');
    });

    it('an answer in the name of another issuer', async () => {
      const { path, cookie } = await ready();
      const iss = encodeURIComponent('https://evil.example.org');
      await refused(path.replace(/iss=[^&]+/, `iss=${iss}`), cookie, 'oauth_refused');
      github.issuer = 'https://evil.example.org';
      const stub = await ready(browser(), 'github');
      github.issuer = `${github.url}/login/oauth`;
      await refused(stub.path, stub.cookie, 'oauth_refused');
    });

    it('an ID token with a wrong issuer, audience, time or signature', async () => {
      const now = Math.floor(Date.now() / 1000);
      const { privateKey: key } = await generateKeyPair('RS256');
      for (const wrong of [
        { claims: { iss: 'https://evil.example.org' } },
        { claims: { aud: 'somebody-else' } },
        { claims: { exp: now - 120, iat: now - 240 } },
        { claims: { nonce: undefined } },
        { claims: {}, key },
      ]) {
        google.alter = (claims) => ({ ...wrong, claims: { ...claims, ...wrong.claims } });
        const { path, cookie } = await ready();
        await refused(path, cookie, 'oauth_refused');
      }
      const [claim, time, form] = [
        'jwt_claim_comparison',
        'jwt_timestamp_check',
        'invalid_response',
      ];
      await eventually(() => {
        expect(reasons().slice(-5)).toEqual([
          ...[`oauth_${claim}_failed`, `oauth_${claim}_failed`, `oauth_${time}_failed`],
          ...[`oauth_${form}`, `oauth_${form}`],
        ]);
        return Promise.resolve();
      });
    });

    it('who says no at the provider, without repeating its words', async () => {
      google.refuses = true;
      const { path, cookie } = await ready();
      expect(path).toContain('error=access_denied');
      const answer = await browser().callback(path, cookie);
      expect([answer.status, answer.body.code]).toEqual([400, 'oauth_refused']);
      expect(answer.text).not.toMatch(/script|access_denied/);
    });
  });

  it('refuses to return to an address that is not listed', async () => {
    for (const returnTo of [
      'https://evil.example.org/',
      '//evil.example.org/',
      '/relative',
      `${APP}.evil.example.org/`,
      `${APP}@evil.example.org/`,
      'javascript:alert(1)',
    ]) {
      const { status, problem } = await browser().begin(
        `google?returnTo=${encodeURIComponent(returnTo)}`,
      );
      expect([status, problem.errors[0].path]).toEqual([400, 'returnTo']);
    }
  });

  it('returns to a listed address, and puts no token into it', async () => {
    const returnTo = `${APP}/done?tab=1#top`;
    const answer = await browser().all(`google?returnTo=${encodeURIComponent(returnTo)}`);
    expect([answer.status, answer.headers.get('location'), answer.text]).toEqual([
      ...[303, returnTo, ''],
    ]);
    // The page finds its session as a cookie, like after a login.
    const cookies = answer.headers.getSetCookie().map((cookie) => cookie.split(';', 1)[0] ?? '');
    const cookie = cookies.find((one) => one.startsWith('__Host-mainstay=mr_')) ?? '';
    expect((await client.get('/api/v1/users/me', undefined, { cookie })).status).toBe(200);
  });

  it('keeps the tenant that the flow began with', async () => {
    await sql(`INSERT INTO auth.tenants (id, name) VALUES ('acme', 'Acme')`);
    const ids = new Set<string | undefined>();
    for (const [path, headers, tid] of [
      ['google', {}, 'default'],
      ['google?tenant=acme', {}, 'acme'],
      ['google', { 'x-tenant': 'acme' }, 'acme'],
    ] as const) {
      const { body } = await browser().all(path, headers);
      const claims = decodeJwt(body.accessToken);
      expect(claims['tid']).toBe(tid);
      ids.add(claims.sub);
    }
    expect(ids.size).toBe(2);
    const { status, problem } = await browser().begin('google?tenant=nowhere');
    expect([status, problem.code]).toEqual([400, 'unknown_tenant']);
  });

  it('knows no other providers', async () => {
    const { status, problem } = await browser().begin('gitlab');
    expect([status, problem.code]).toEqual([404, 'not_found']);
  });

  describe('GitHub', () => {
    beforeEach(() => {
      const id = 1_000_000 + ++people;
      github.user = { id, login: `octo${id}`, name: null };
      github.emails = [
        { email: `other${id}@example.org`, primary: false, verified: true },
        { email: `octo${id}@example.org`, primary: true, verified: true },
      ];
    });

    it('signs in by its numeric id, with the primary address', async () => {
      const first = await browser().all('github');
      expect(first.status).toBe(200);
      const profile = await me(first.body.accessToken);
      const [email, username] = [`octo${github.user.id}@example.org`, github.user.login];
      expect(profile).toMatchObject({ email, username, displayName: username });
      github.user = { ...github.user, login: 'renamed' };
      expect(decodeJwt((await browser().all('github')).body.accessToken).sub).toBe(profile.id);
      const rows = await sql(`SELECT subject FROM auth.identities WHERE user_id = $1`, [
        profile.id,
      ]);
      expect(rows).toEqual([{ subject: String(github.user.id) }]);
    });

    it('refuses who has not verified the primary address, whatever others they have', async () => {
      github.emails = github.emails.map((one) => ({ ...one, verified: !one.primary }));
      const { status, body } = await browser().all('github');
      expect([status, body.code]).toEqual([403, 'oauth_email_unverified']);
    });

    it('refuses a code that was used before, which GitHub says with 200', async () => {
      const window = browser();
      const path = await window.signIn((await window.begin('github')).location);
      expect((await window.callback(path)).status).toBe(200);
      const again = await window.callback(path);
      expect([again.status, again.body.code]).toEqual([400, 'oauth_refused']);
    });

    it('answers 503 while its API is in trouble, and works again after it', async () => {
      github.apiStatus = 502;
      const down = await browser().all('github');
      expect([down.status, down.body.code]).toEqual([503, 'dependency_unavailable']);
      expect(down.headers.get('retry-after')).toMatch(/^\d+$/);
      github.apiStatus = undefined;
      expect((await browser().all('github')).status).toBe(200);
    });
  });

  describe('linking', () => {
    it('links to who is logged in, and signs in to that account from then on', async () => {
      const ada = await client.account('ada');
      const linked = await link(ada);
      expect([linked.status, linked.body]).toMatchObject([
        200,
        { provider: 'google', email: google.person.email },
      ]);
      expect(decodeJwt((await browser().all('google')).body.accessToken).sub).toBe(ada.id);
      // Again, and by another one: several identities an account are fine.
      expect((await link(ada)).body.id).toBe(linked.body.id);
      google.person = somebody();
      const second = await link(ada);
      expect(await linkMailsOf(ada.id)).toBe(2);
      expect((await audit(ada.id)).map(({ event }) => event)).toEqual([
        ...['identity.link_requested', 'identity.linked', 'login'],
        ...['identity.link_requested', 'identity.link_requested', 'identity.linked'],
      ]);
      const page = await client.get('/api/v1/auth/identities?limit=1', ada.token);
      expect(page.body.items).toMatchObject([{ id: second.body.id }]);
      const rest = `/api/v1/auth/identities?limit=1&cursor=${page.body.nextCursor}`;
      expect((await client.get(rest, ada.token)).body).toMatchObject({
        items: [{ id: linked.body.id }],
        nextCursor: null,
      });
    });

    it('refuses an identity of another account', async () => {
      const [ada, bob] = [await client.account('ada'), await client.account('bob')];
      await link(ada);
      const { status, body } = await link(bob);
      expect([status, body.code]).toEqual([409, 'identity_taken']);
      expect((await audit(bob.id)).at(-1)).toMatchObject({
        event: 'identity.linked',
        result: 'failure',
        detail: { reason: 'identity_taken' },
      });
    });

    it('refuses an account whose address is not verified, but for who has that very address', async () => {
      const squatter = await client.account('squatter');
      const linkUnverified = async () => {
        const window = browser();
        const begun = await client.post(
          '/api/v1/auth/oauth/google/link',
          undefined,
          squatter.token,
        );
        window.keep(begun.headers);
        return window.callback(await window.signIn(begun.body.url));
      };
      const refused = await linkUnverified();
      expect([refused.status, refused.body.code]).toEqual([403, 'link_unverified']);
      google.person = somebody({ email: squatter.email });
      expect((await linkUnverified()).status).toBe(200);
      const [row] = await sql('SELECT email_verified_at FROM auth.users WHERE id = $1', [
        squatter.id,
      ]);
      expect(row.email_verified_at).toBeInstanceOf(Date);
    });

    it('returns to a listed address after it', async () => {
      const ada = await client.account('ada');
      await verify(ada);
      const window = browser();
      const path = `/api/v1/auth/oauth/google/link?returnTo=${encodeURIComponent(APP)}`;
      const begun = await client.post(path, undefined, ada.token);
      window.keep(begun.headers);
      const answer = await window.callback(await window.signIn(begun.body.url));
      expect([answer.status, answer.headers.get('location')]).toEqual([303, `${APP}/`]);
      expect((await identitiesOf(ada.token)).body.items).toHaveLength(1);
    });

    it('refuses who has ended the session in the meantime', async () => {
      const ada = await client.account('ada');
      const window = browser();
      const begun = await client.post('/api/v1/auth/oauth/google/link', undefined, ada.token);
      window.keep(begun.headers);
      const path = await window.signIn(begun.body.url);
      await sql('UPDATE auth.sessions SET ended_at = now() WHERE user_id = $1', [ada.id]);
      const { status, body } = await window.callback(path);
      expect([status, body.code]).toEqual([400, 'oauth_flow_invalid']);
    });

    it('repeats the same flow for the same idempotency key', async () => {
      const ada = await client.account('ada');
      const headers = { 'idempotency-key': randomBytes(8).toString('hex') };
      const path = '/api/v1/auth/oauth/google/link';
      const first = await client.post(path, undefined, ada.token, headers);
      const again = await client.post(path, undefined, ada.token, headers);
      expect(again.headers.get('idempotency-replayed')).toBe('true');
      expect(again.body).toEqual(first.body);
      expect(again.headers.getSetCookie()).toEqual(first.headers.getSetCookie());
    });

    it('is for who is logged in', async () => {
      expect((await client.post('/api/v1/auth/oauth/google/link', undefined)).status).toBe(401);
      expect((await client.get('/api/v1/auth/identities')).status).toBe(401);
    });

    it('unlinks, but never the last way to log in', async () => {
      const token = (await browser().all('google')).body.accessToken as string;
      const [only] = (await identitiesOf(token)).body.items;
      const unlink = (id: string, by = token) =>
        client.call('DELETE', `/api/v1/auth/identities/${id}`, { token: by });
      const refused = await unlink(only.id);
      expect([refused.status, refused.body.code]).toEqual([409, 'last_login_method']);

      google.person = somebody();
      const second = (await link({ token })).body;
      const stranger = await client.account('eve');
      expect((await unlink(second.id, stranger.token)).status).toBe(404);
      const both = await Promise.all([unlink(only.id), unlink(second.id)]);
      expect(both.map(({ status }) => status).sort((a, b) => a - b)).toEqual([204, 409]);
      expect((await identitiesOf(token)).body.items).toHaveLength(1);
      const { sub = '' } = decodeJwt(token);
      expect((await audit(sub)).map(({ event }) => event)).toContain('identity.unlinked');

      const ada = await client.account('ada'); // who has a password
      google.person = somebody();
      const linked = (await link(ada)).body;
      expect((await unlink(linked.id, ada.token)).status).toBe(204);
      expect((await unlink(linked.id, ada.token)).status).toBe(404);
    });
  });

  it('answers 503 while the provider is down, and works again after it', async () => {
    const window = browser();
    const path = await window.signIn((await window.begin('google')).location);
    const { cookie } = window;
    await network.refuse();
    network.cutAll();
    const down = await browser().callback(path, cookie);
    expect([down.status, down.body.code]).toEqual([503, 'dependency_unavailable']);
    expect(down.headers.get('retry-after')).toMatch(/^\d+$/);
    await network.heal();
    network.blackHole();
    const silent = await browser().callback(path, cookie);
    expect([silent.status, silent.body.code]).toEqual([503, 'dependency_unavailable']);
    await network.heal();
    await eventually(async () => expect((await browser().all('google')).status).toBe(200));
  });

  it('writes no code, state, token, secret or address into its logs', async () => {
    const window = browser();
    const path = await window.signIn((await window.begin('google')).location);
    const { body } = await window.callback(path);
    for (const token of [body.accessToken, body.refreshToken] as string[]) secrets.add(token);
    for (const name of ['code', 'state'])
      secrets.add(new URL(path, PUBLIC_URL).searchParams.get(name) ?? '');
    secrets.add(window.cookie.split('=')[1] ?? '').add(google.person.email ?? '');
    const { logs, stderr } = deployment.app;
    await eventually(() => {
      expect(logs.filter(({ event }) => event === 'login').length).toBeGreaterThan(5);
      return Promise.resolve();
    });
    const text = JSON.stringify(logs) + stderr;
    for (const secret of secrets) {
      expect(secret.length).toBeGreaterThan(8);
      expect(text.includes(secret)).toBe(false);
    }
    expect(logs.filter(({ event }) => event === 'oauth_refused').length).toBeGreaterThan(5);
  });
});

describe('signing in elsewhere where it is not set up', () => {
  it('says which settings are missing', async () => {
    const deployment = await deploy();
    const client = new Client(deployment.url);
    try {
      const { status, problem } = await new OAuthBrowser(client, PUBLIC_URL).begin('google');
      expect([status, problem.code]).toEqual([404, 'oauth_not_configured']);
      expect(problem.detail).toContain('GOOGLE_CLIENT_SECRET');
    } finally {
      await deployment.stop();
    }
  });
});
