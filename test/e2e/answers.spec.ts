import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { adminAccount } from '../support/admin-account.js';
import { operationsOfApi, type Operation } from '../support/api-document.js';
import {
  Client,
  eventually,
  type Account,
  type CallOptions,
  type Json,
} from '../support/client.js';
import { differences } from '../support/declared-answers.js';
import { deploy, type Deployment } from '../support/deployment.js';

const ORIGIN = 'https://app.example.com';
const LIMITS = ['API', 'HOURLY', 'HOURLY_ANONYMOUS', 'WRITES', 'WRITES_ANONYMOUS', 'AUTH'];
const all = operationsOfApi();
const ofApi = all.filter(({ path }) => path.startsWith('/api/'));
const ofOperators = all.filter(({ tags }) => tags.includes('operations'));
const named = ({ method, path }: Operation) => `${method} ${path}`;
const isRead = ({ method }: Operation) => method === 'GET';

/** Every route is asked in all the ways below, and what it answers is compared with the document. */
describe('what the routes answer', () => {
  let deployment: Deployment;
  let client: Client;
  let admin: Account;
  let common: Set<string>;
  /** What stands in paths, by what stands before it. */
  let things: Record<string, string>;
  /** Statuses that were seen, by route. */
  const seen = new Map<string, Set<number>>();

  beforeAll(async () => {
    deployment = await deploy({
      CORS_ORIGINS: ORIGIN,
      TRUSTED_PROXIES: '127.0.0.1/32', // so that a test can come from outside
      MAINSTAY__LIMITS__ENABLED: 'true',
      ...Object.fromEntries(LIMITS.map((name) => [`MAINSTAY__LIMITS__${name}__LIMIT`, '5000'])),
    });
    client = new Client(deployment.url);
    admin = await anAdmin();
    const other = await client.account('other');
    const post = await client.write(admin, 'A post.');
    const breakers = await client.get('/ops/breakers', admin.token);
    things = {
      users: other.id,
      authors: other.username,
      posts: post.id,
      oauth: 'google',
      breakers: breakers.body.items[0].name,
    };
    const { headers } = await client.get('/nothing');
    // Of HTTP itself, and of how an answer may be kept; the introduction of the document tells of the rest.
    common = new Set([...headers.keys(), 'cache-control', 'vary', 'content-encoding']);
    common.add('transfer-encoding').delete('x-request-id');
  });
  afterAll(() => deployment.stop());

  const anAdmin = () => adminAccount(client, deployment.database.pool);
  const apiKey = async ({ token }: Account) => {
    const made = { name: randomUUID(), scopes: ['posts:read'] };
    return String((await client.post('/api/v1/auth/api-keys', made, token)).body.id);
  };

  /** One that has signed nothing yet: nobody loses a session with it. */
  const standbyKey = async () => {
    const { body } = await client.get('/api/v1/admin/keys', admin.token);
    return String(body.items.find(({ state }: Json) => state === 'standby').kid);
  };

  /** The path, with things that are there. */
  const pathOf = async ({ path }: Operation, caller: Account) => {
    const mine: Record<string, string> = {
      ...things,
      sessions: String(decodeJwt(caller.token)['sid']),
      ...(path.includes('api-keys/{') && { 'api-keys': await apiKey(caller) }),
      ...(path.includes('{kid}') && { keys: await standbyKey() }),
    };
    return path
      .replace('users/{username}', `users/${caller.username}`)
      .replace(
        /([\w-]+)\/\{\w+\}/g,
        (_, thing: string) => `${thing}/${mine[thing] ?? randomUUID()}`,
      );
  };
  /** A body that does it, where the smallest one that the schema takes would not. */
  const bodyOf = (operation: Operation, { username, password, refreshToken }: Account): Json => {
    const name = `u${randomUUID().slice(0, 8)}`;
    const bodies: Record<string, object> = {
      'POST /api/v1/auth/register': { username: name, email: `${name}@example.com`, password },
      'POST /api/v1/auth/login': { identifier: username, password },
      'POST /api/v1/auth/refresh': { refreshToken },
      'POST /api/v1/auth/password/change': { currentPassword: password, newPassword: `${name}!Xq` },
      'POST /api/v1/auth/email/change': {
        currentPassword: password,
        newEmail: `${name}@example.com`,
      },
      'PUT /ops/log-level': { level: 'info' },
    };
    return bodies[named(operation)] ?? operation.body;
  };
  /** Asks, and tells what the document does not say of the answer. */
  const ask = async (operation: Operation, path: string, options: CallOptions) => {
    const answer = await client.call(operation.method, path, options);
    const statuses = seen.get(named(operation)) ?? new Set();
    seen.set(named(operation), statuses.add(answer.status));
    // However a sign-in ends, its cookie is taken away: the route says so, and not beside each of its errors.
    const isEnd = operation.path.endsWith('/callback');
    const known = isEnd ? new Set([...common, 'set-cookie']) : common;
    const found = differences(operation.answers, answer, known);
    return { answer, found: found.map((what) => `${named(operation)} ${answer.status}: ${what}`) };
  };
  /** Asks each of them in one way. */
  const walk = async (
    operations: Operation[],
    how: (operation: Operation) => CallOptions | Promise<CallOptions>,
    query = '',
  ) => {
    const found: string[] = [];
    for (const operation of operations) {
      const path = `${await pathOf(operation, admin)}${query}`;
      found.push(...(await ask(operation, path, await how(operation))).found);
    }
    return found;
  };
  const writes = all.filter((operation) => !isRead(operation));

  it('without a token, or with one that is not accepted', async () => {
    expect(await walk(all, ({ body }) => ({ body }))).toEqual([]);
    expect(await walk(all, ({ body }) => ({ body, token: 'nonsense' }))).toEqual([]);
  });

  it('from outside', async () => {
    const headers = { 'x-forwarded-for': '203.0.113.9' };
    expect(await walk(ofOperators, ({ body }) => ({ body, headers }))).toEqual([]);
    const hidden = ofOperators.filter(({ permission }) => permission !== 'public');
    for (const operation of hidden) expect(seen.get(named(operation))).toContain(404);
  });

  it('to a body that is malformed, too large or of another type, also where none is needed', async () => {
    const { token } = admin;
    const send = (type: string, body: string) =>
      walk(writes, () => ({ token, body, headers: { 'content-type': type } }));
    expect(await send('application/json', '{"a":')).toEqual([]);
    expect(await send('text/plain', 'text')).toEqual([]);
    expect(await send('application/json', JSON.stringify('x'.repeat(160_000)))).toEqual([]);
    for (const operation of writes)
      expect([named(operation), [...(seen.get(named(operation)) ?? [])]]).toEqual([
        named(operation),
        expect.arrayContaining([400, 413, 415]),
      ]);
  });

  it('to a page that has the cookie and no CSRF token', async () => {
    const { username: identifier, password } = admin;
    const headers = { origin: ORIGIN };
    const login = await client.post(
      '/api/v1/auth/login?mode=cookie',
      { identifier, password },
      undefined,
      headers,
    );
    const cookie = login.headers.getSetCookie()[0]?.split(';', 1)[0] ?? '';
    const byCookie = writes.filter(
      ({ takes, path }) => takes.includes('X-CSRF-Token') && !path.endsWith('/refresh'),
    );
    expect(await walk(byCookie, ({ body }) => ({ body, headers: { cookie } }))).toEqual([]);
    for (const operation of byCookie) expect(seen.get(named(operation))).toContain(403);
  });

  it('to a list that is asked for in a wrong way', async () => {
    const { token } = admin;
    const lists = ofApi.filter(
      ({ answers, method }) =>
        method === 'GET' &&
        answers.get(200)?.bodies.get('application/json')?.safeParse({ items: [], nextCursor: null })
          .success,
    );
    expect(lists.length).toBeGreaterThan(8);
    for (const query of ['?limit=0', '?cursor=x', '?nothing=1']) {
      const statuses = lists.map(async (operation) => {
        const { found, answer } = await ask(operation, `${operation.path}${query}`, { token });
        return [named(operation), answer.status, found];
      });
      expect(await Promise.all(statuses)).toEqual(
        lists.map((operation) => [named(operation), 400, []]),
      );
    }
  });

  it('to what is stale', async () => {
    const taking = ofApi.filter(({ takes }) => takes.includes('If-Match'));
    const headers = { 'if-match': '"stale"' };
    expect(await walk(taking, ({ body }) => ({ body, headers, token: admin.token }))).toEqual([]);
    for (const operation of taking) expect(seen.get(named(operation))).toContain(412);
  });

  it('to who may', async () => {
    const found: string[] = [];
    // Reads first: some writes take away what is read.
    for (const operation of all.toSorted((a, b) => Number(isRead(b)) - Number(isRead(a)))) {
      const isPost = operation.method === 'POST' && operation.path.startsWith('/api/');
      const caller = isRead(operation) ? admin : await anAdmin();
      const path = await pathOf(operation, caller);
      const { token } = caller;
      const body = bodyOf(operation, caller);
      const headers = isPost ? { 'idempotency-key': randomUUID() } : {};
      const first = await ask(operation, path, { token, body, headers });
      found.push(...first.found);
      if (isPost) found.push(...(await ask(operation, path, { token, body, headers })).found);
      if (!isRead(operation) || first.answer.headers.get('etag') === null) continue;
      // More than once, for what changes by itself: limits.
      await eventually(async () => {
        const etag = (await ask(operation, path, { token })).answer.headers.get('etag') ?? '';
        const known = await ask(operation, path, { token, headers: { 'if-none-match': etag } });
        found.push(...known.found);
        expect([named(operation), known.answer.status]).toEqual([named(operation), 304]);
      });
    }
    const [register] = ofApi.filter(({ path }) => path.endsWith('/register'));
    if (!register) throw new Error('nobody can register');
    const again = { username: `u${randomUUID().slice(0, 8)}`, email: admin.email };
    const body = { ...again, password: admin.password };
    found.push(...(await ask(register, register.path, { body })).found);
    expect(found).toEqual([]);
  });

  it('were among them all that the document calls a success, but for what needs a mail or a provider', () => {
    const unseen = all.flatMap((operation) =>
      operation.statuses
        .filter((status) => status < 400 && !seen.get(named(operation))?.has(status))
        .map((status) => `${named(operation)} ${status}`),
    );
    expect(unseen.sort()).toEqual([
      'DELETE /api/v1/auth/identities/{id} 204',
      'GET /api/v1/auth/oauth/{provider} 302',
      'GET /api/v1/auth/oauth/{provider}/callback 200',
      'GET /api/v1/auth/oauth/{provider}/callback 303',
      'GET /api/v1/auth/oauth/{provider}/callback 304',
      'POST /api/v1/auth/email/verify 204',
      'POST /api/v1/auth/oauth/{provider}/link 200',
      'POST /api/v1/auth/password/reset 204',
    ]);
  });
});

/** A limit of one request: the second one of every process is too many. */
describe('what the routes answer when too much was asked', () => {
  let deployment: Deployment;
  beforeAll(async () => {
    deployment = await deploy({
      MAINSTAY__LIMITS__ENABLED: 'true',
      MAINSTAY__LIMITS__API__LIMIT: '1',
    });
  });
  afterAll(() => deployment.stop());

  it('is 429, with all that a client needs to wait', async () => {
    const client = new Client(deployment.url);
    const pathOf = ({ path }: Operation) => path.replaceAll(/\{\w+\}/g, randomUUID());
    for (const operation of ofApi.filter(isRead)) await client.get(pathOf(operation));
    for (const operation of ofApi) {
      const path = pathOf(operation);
      const { body } = operation;
      const { status, headers } = await client.call(operation.method, path, { body });
      expect([named(operation), status]).toEqual([named(operation), 429]);
      const missing = [...(operation.answers.get(429)?.headers ?? [])]
        .filter(([name, isRequired]) => isRequired && !headers.has(name))
        .map(([name]) => name);
      expect([named(operation), missing]).toEqual([named(operation), []]);
    }
  });
});
