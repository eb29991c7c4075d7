import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { permissions } from '../../src/platform/security/permissions.js';
import { operationsOfApi, type Operation } from '../support/api-document.js';
import { adminAccount } from '../support/admin-account.js';
import { Client, eventually, type Account, type Json } from '../support/client.js';
import { deploy, type Deployment } from '../support/deployment.js';
import { Signer } from '../support/signer.js';

/** Every route of the API document, and every kind of caller who has no business there. */
describe('a walk over all routes', () => {
  const all = operationsOfApi().filter(({ path }) => path.startsWith('/api/'));
  const closed = all.filter(({ permission }) => permission !== 'public');
  let deployment: Deployment;
  let client: Client;
  let signer: Signer;
  let victim: Account;
  let other: Account;
  let foreigner: Account;
  let foreignAdmin: Account;
  /** What the victim has, as it stands in paths. */
  let things: Record<string, string>;
  let hidden: Json;

  beforeAll(async () => {
    deployment = await deploy();
    client = new Client(deployment.url);
    signer = await new Signer().enlist(deployment.database);
    const { pool } = deployment.database;
    await pool.query(`INSERT INTO auth.tenants (id, name) VALUES ('acme', 'Acme')`);
    const acme = { 'x-tenant': 'acme' };
    [victim, other, foreigner, foreignAdmin] = await Promise.all([
      client.account('victim'),
      client.account('other'),
      client.account('foreign', acme),
      adminAccount(client, pool, acme),
    ]);
    hidden = await client.write(victim, 'For nobody else.', { visibility: 'private' });
    await client.follow(other, victim);
    things = {
      sessions: String(decodeJwt(victim.token)['sid']),
      posts: hidden.id,
      users: victim.id,
    };
  });
  afterAll(() => deployment.stop());

  /** The path of the victim's own thing. */
  const pathOf = ({ path }: Operation): string =>
    path
      .replace('{username}', victim.username)
      .replace('{provider}', 'google')
      .replace('{kid}', 'unknown')
      .replace(
        /([\w-]+)\/\{(\w+)\}/g,
        (_, thing: string) => `${thing}/${things[thing] ?? things['users']}`,
      );
  const call = (operation: Operation, token?: string) =>
    client.call(operation.method, pathOf(operation), { token, body: operation.body });
  const named = ({ method, path }: Operation) => `${method} ${path}`;
  const walk = async (
    over: Operation[],
    token: (operation: Operation) => Promise<string | undefined>,
  ) => {
    const seen: [string, number][] = [];
    for (const operation of over) {
      const { status } = await call(operation, await token(operation));
      seen.push([named(operation), status]);
    }
    return seen;
  };
  const outside = (seen: [string, number][], allowed: number[]) =>
    seen.filter(([, status]) => !allowed.includes(status));
  const caller = (account: Account, claims: object = {}) =>
    signer.sign(
      { id: account.id, sessionId: String(decodeJwt(account.token)['sid']) },
      { ...claims },
    );

  it('knows of each who may call it, and that it may be refused', () => {
    expect(all.length).toBeGreaterThan(20);
    const known = new Set<string>(['public', ...permissions]);
    expect(all.filter(({ permission }) => !known.has(permission)).map(named)).toEqual([]);
    for (const status of [401, 429])
      expect(all.filter(({ statuses }) => !statuses.includes(status)).map(named)).toEqual([]);
    expect(closed.filter(({ statuses }) => !statuses.includes(403)).map(named)).toEqual([]);
  });

  it('without a token gives 401 at every door that is not public', async () => {
    expect(outside(await walk(closed, () => Promise.resolve(undefined)), [401])).toEqual([]);
  });

  it('with a token that is not accepted gives 401 everywhere but where one logs in and the like', async () => {
    const open = all.filter(
      ({ permission, method }) => permission === 'public' && method !== 'GET',
    );
    const others = all.filter((operation) => !open.includes(operation));
    expect(outside(await walk(others, () => Promise.resolve('nonsense')), [401])).toEqual([]);
    // Whoever sends an expired token along with everything can still log in: there it is as good as none.
    const login = { identifier: victim.username, password: victim.password };
    const answer = await client.post('/api/v1/auth/login', login, 'nonsense');
    expect(answer.status).toBe(200);
  });

  it('with the wrong role gives 403 at every door that is not public', async () => {
    await eventually(async () => {
      const { status } = await client.get('/api/v1/users/me', await caller(other));
      expect(status).toBe(200);
    });
    expect(outside(await walk(closed, () => caller(other, { roles: [] })), [403])).toEqual([]);
    const beyondUsers = closed.filter(({ path }) => path.startsWith('/api/v1/admin/'));
    expect(beyondUsers.length).toBeGreaterThan(0);
    expect(outside(await walk(beyondUsers, () => Promise.resolve(other.token)), [403])).toEqual([]);
  });

  it('as another user finds nothing of what is private to the victim', async () => {
    const mine = all.filter(
      ({ path, method }) =>
        /\{\w+\}/.test(path) &&
        !path.includes('{username}') &&
        !path.includes('{provider}') &&
        !(method === 'POST' && path.endsWith('/{provider}')),
    );
    expect(mine.length).toBeGreaterThan(1);
    expect(outside(await walk(mine, () => Promise.resolve(other.token)), [403, 404])).toEqual([]);
    expect((await client.get(`/api/v1/posts/${hidden.id}`, victim.token)).status).toBe(200);
    expect((await client.get('/api/v1/users/me', victim.token)).status).toBe(200);
  });

  it.each(['user', 'admin'])('as a %s of another tenant finds nothing', async (role) => {
    const { token } = role === 'admin' ? foreignAdmin : foreigner;
    const named = all.filter(({ path }) => /\{\w+\}/.test(path) && !path.includes('{provider}'));
    expect(outside(await walk(named, () => Promise.resolve(token)), [403, 404])).toEqual([]);
    // Lists answer, and hold nothing of others.
    for (const operation of all.filter(
      ({ method, path }) => method === 'GET' && !path.includes('{'),
    )) {
      const { text } = await call(operation, token);
      for (const trace of [victim.id, victim.username, victim.email, hidden.id, other.id])
        expect([operation.path, text.includes(trace)]).toEqual([operation.path, false]);
    }
  });

  it('with an API key without the scope gives 403 at every door that is not public', async () => {
    const keyWithout = new Map<string, string>();
    const without = async (permission: string) => {
      const known = keyWithout.get(permission);
      if (known !== undefined) return known;
      const allowed = ['account:read', 'posts:read'].filter((scope) => scope !== permission);
      const body = { name: `without ${permission}`, scopes: allowed };
      const { body: made } = await client.post('/api/v1/auth/api-keys', body, victim.token);
      keyWithout.set(permission, made.key);
      return String(made.key);
    };
    expect(outside(await walk(closed, ({ permission }) => without(permission)), [403])).toEqual([]);
  });
});
