import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { adminAccount } from '../support/admin-account.js';
import { Client, eventually, type Account, type Answer, type Json } from '../support/client.js';
import { deploy, type Deployment } from '../support/deployment.js';
import { createInstances, type Instance, type Instances } from '../support/instances.js';

const PROMISED_MS = 5000;

describe('administration', () => {
  let deployment: Deployment;
  let client: Client;
  let admin: Account;

  beforeAll(async () => {
    deployment = await deploy();
    client = new Client(deployment.url);
    admin = await adminAccount(client, deployment.database.pool);
    await deployment.database.pool.query(
      `INSERT INTO auth.tenants (id, name) VALUES ('acme', 'Acme')`,
    );
  });
  afterAll(() => deployment.stop());

  const users = (query = '', token = admin.token) =>
    client.get(`/api/v1/admin/users${query}`, token);
  const user = (id: string, token = admin.token) => client.get(`/api/v1/admin/users/${id}`, token);
  const change = (id: string, body: object, token = admin.token, headers = {}) =>
    client.call('PATCH', `/api/v1/admin/users/${id}`, { token, body, headers });
  const login = ({ username, password }: { username: string; password: string }) =>
    client.post('/api/v1/auth/login', { identifier: username, password });
  const audit = (query: object, token = admin.token) =>
    client.get(`/api/v1/admin/audit?${String(new URLSearchParams({ ...query }))}`, token);
  const code = ({ status, body }: Answer<Json>) => [status, body.code];
  const idsOf = ({ body }: Answer<Json>) => body.items.map(({ id }: { id: string }) => id);
  const walk = (path: string, token: string) => client.pages(`${path}&limit=2`, token);

  /** The answer to a request that comes while a transaction is open, which then commits. */
  const besideOpen = async (
    sql: string,
    id: string,
    request: () => Promise<Answer<Json>>,
  ): Promise<Answer<Json>> => {
    const { pool } = deployment.database;
    const open = await pool.connect();
    try {
      await open.query('BEGIN');
      await open.query(sql, [id]);
      const answer = request();
      await eventually(async () => {
        const { rows } = await pool.query(
          `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        );
        expect(rows).toHaveLength(1);
      });
      await open.query('COMMIT');
      return await answer;
    } finally {
      open.release();
    }
  };

  describe('of accounts', () => {
    it('shows everything that an administrator decides by, and nothing of the password', async () => {
      const bob = await client.account('bob');
      const answer = await user(bob.id);
      expect([answer.status, answer.body]).toEqual([
        200,
        {
          id: bob.id,
          username: bob.username,
          displayName: bob.username,
          email: bob.email,
          emailVerified: false,
          roles: ['user'],
          banned: false,
          banReason: null,
          bannedAt: null,
          deletedAt: null,
          createdAt: expect.any(String),
        },
      ]);
      expect((await user(bob.id.toUpperCase())).body).toEqual(answer.body);
      expect((await user('01a1f7e9-332e-71f7-bcb6-d031049d25ec')).status).toBe(404);
      expect((await user("' OR 1=1 --")).status).toBe(400);
    });

    it('finds by the beginning of a name, an address, a role and a ban, newest first and page by page', async () => {
      const mark = randomBytes(3).toString('hex');
      const found: Account[] = [];
      for (let n = 0; n < 5; n++) found.unshift(await client.account(`F${mark}`));
      const [one, two] = found as [Account, Account, ...Account[]];
      const walked = await walk(`/api/v1/admin/users?q=f${mark.toUpperCase()}`, admin.token);
      expect(walked.map(({ id }) => id)).toEqual(found.map(({ id }) => id));
      expect(idsOf(await users(`?q=${one.email.toUpperCase()}`))).toEqual([one.id]);
      expect(idsOf(await users(`?q=${one.email.slice(0, -1)}`))).toEqual([]);
      await change(one.id, { roles: ['user', 'moderator'] });
      await change(two.id, { ban: true });
      expect(idsOf(await users(`?q=f${mark}&role=moderator`))).toEqual([one.id]);
      expect(idsOf(await users(`?q=f${mark}&banned=true`))).toEqual([two.id]);
      const others = found.filter(({ id }) => id !== two.id).map(({ id }) => id);
      expect(idsOf(await users(`?q=f${mark}&banned=false`))).toEqual(others);
      const page = await users(`?q=f${mark}&limit=1`);
      // A cursor is for the list it was made by.
      const elsewhere = await users(`?q=f&limit=1&cursor=${page.body.nextCursor}`);
      expect(code(elsewhere)).toEqual([400, 'invalid_cursor']);
    });

    it.each(['%', '_', "'", '\\', "' OR '1'='1", "'; DROP TABLE auth.users --", '%25', '$1', '(('])(
      'I6 takes %s for text',
      async (q) => {
        const answer = await users(`?q=${encodeURIComponent(q)}`);
        expect([answer.status, answer.body.items]).toEqual([200, []]);
      },
    );

    it('I6 takes nothing else for a filter', async () => {
      for (const query of ['role=owner', "role=admin' --", 'banned=maybe', 'limit=0', 'order=id'])
        expect(code(await users(`?${query}`))).toEqual([400, 'validation_failed']);
      expect(code(await users(`?q=${encodeURIComponent('\0')}`))).toEqual([
        400,
        'validation_failed',
      ]);
      for (const query of [
        'event=login%27--',
        'user=1',
        'result=maybe',
        'since=yesterday',
        'until=0000-01-01T00:00:00Z',
      ])
        expect(code(await client.get(`/api/v1/admin/audit?${query}`, admin.token))).toEqual([
          400,
          'validation_failed',
        ]);
    });

    it('I10 changes what may be changed and nothing else', async () => {
      const bob = await client.account('bob');
      const before = (await user(bob.id)).body;
      for (const body of [
        {},
        { id: admin.id },
        { tenantId: 'acme', roles: ['user'] },
        { email: 'x@example.com' },
        { roles: ['root'] },
        { roles: ['user', 'user'] },
        { roles: 'admin' },
        { restore: false },
        { banReason: 'without a ban' },
        { ban: false, banReason: 'no ban' },
        { ban: true, banReason: 'x'.repeat(501) },
        { ban: 'true' },
      ])
        expect(code(await change(bob.id, body))).toEqual([400, 'validation_failed']);
      expect((await user(bob.id)).body).toEqual(before);
    });

    it('is for administrators', async () => {
      const bob = await client.account('bob');
      await change(bob.id, { roles: ['user', 'moderator'] });
      for (const answer of [
        await users('', bob.token),
        await user(admin.id, bob.token),
        await change(bob.id, { roles: ['user', 'admin'] }, bob.token),
        await audit({}, bob.token),
      ])
        expect(code(answer)).toEqual([403, 'forbidden']);
      expect((await client.get('/api/v1/admin/users')).status).toBe(401);
    });

    it('refuses a change of what has changed since it was read', async () => {
      const bob = await client.account('bob');
      const etag = (await user(bob.id)).headers.get('etag') ?? '';
      const changed = await change(bob.id, { roles: ['user', 'moderator'] }, admin.token, {
        'if-match': etag,
      });
      expect(changed.status).toBe(200);
      const now = changed.headers.get('etag') ?? '';
      expect((await user(bob.id)).headers.get('etag')).toBe(now);
      const stale = await change(bob.id, { ban: true }, admin.token, { 'if-match': etag });
      expect(code(stale)).toEqual([412, 'stale_resource']);
      const weak = await change(bob.id, { ban: true }, admin.token, { 'if-match': `W/${now}` });
      expect(code(weak)).toEqual([412, 'stale_resource']);
      const fresh = await change(bob.id, { ban: true }, admin.token, { 'if-match': now });
      expect(fresh.status).toBe(200);
    });

    it('restores what was deleted in the last 30 days', async () => {
      const [bob, eve] = [await client.account('bob'), await client.account('eve')];
      const { pool } = deployment.database;
      const deleted = `UPDATE auth.users SET deleted_at = now() - $2::interval WHERE id = $1`;
      await pool.query(deleted, [bob.id, '29 days']);
      await pool.query(deleted, [eve.id, '31 days']);
      const restored = await change(bob.id, { restore: true });
      expect([restored.status, restored.body.deletedAt]).toEqual([200, null]);
      expect((await change(bob.id, { restore: true })).status).toBe(200);
      expect(code(await change(eve.id, { restore: true }))).toEqual([409, 'conflict']);
      const lines = await audit({ event: 'account.restored', user: bob.id });
      expect(lines.body.items).toHaveLength(1);
    });
  });

  describe('of tenants', () => {
    it('ends at the tenant, and finds nothing of another one', async () => {
      const acme = { 'x-tenant': 'acme' };
      const theirs = await adminAccount(client, deployment.database.pool, acme);
      const eve = await client.account('eve', acme);
      expect(idsOf(await users('', theirs.token)).sort()).toEqual([eve.id, theirs.id].sort());
      expect((await users(`?q=${admin.email}`, theirs.token)).body.items).toEqual([]);
      for (const [id, token] of [
        [admin.id, theirs.token],
        [eve.id, admin.token],
      ] as const) {
        expect((await user(id, token)).status).toBe(404);
        expect((await change(id, { ban: true }, token)).status).toBe(404);
      }
      expect((await user(eve.id, theirs.token)).body.banned).toBe(false);
      const lines = await audit({ limit: '100' }, theirs.token);
      const about = new Set<string>(lines.body.items.map(({ subjectId }: Json) => subjectId));
      expect([...about].sort()).toEqual([eve.id, theirs.id].sort());
      expect((await audit({ tenant: 'default' }, theirs.token)).status).toBe(404);
      expect((await audit({ tenant: 'acme' }, theirs.token)).body).toEqual(
        (await audit({}, theirs.token)).body,
      );
      expect(idsOf(await audit({ tenant: 'acme', limit: '100' }))).toEqual(idsOf(lines));
      expect((await audit({ user: eve.id })).body.items).toEqual([]);
    });

    it('keeps the last administrator of each', async () => {
      await deployment.database.pool.query(
        `INSERT INTO auth.tenants (id, name) VALUES ('small', 'Small')`,
      );
      const small = { 'x-tenant': 'small' };
      const { pool } = deployment.database;
      const one = await adminAccount(client, pool, small);
      for (const body of [{ roles: ['user'] }, { ban: true }])
        expect(code(await change(one.id, body, one.token))).toEqual([409, 'last_admin']);
      const two = await adminAccount(client, pool, small);
      for (const body of [{ roles: ['user'] }, { ban: true }])
        expect(code(await change(one.id, body, one.token))).toEqual([403, 'forbidden']);
      // At the same moment, each from the other: one of them is left.
      const answers = await Promise.all([
        change(one.id, { roles: ['user'] }, two.token),
        change(two.id, { roles: ['user'] }, one.token),
      ]);
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      const { rows } = await pool.query(
        `SELECT id FROM auth.users WHERE tenant_id = 'small' AND 'admin' = ANY (roles)`,
      );
      expect(rows).toHaveLength(1);
    });

    it('counts nobody as an administrator who is banned', async () => {
      await deployment.database.pool.query(
        `INSERT INTO auth.tenants (id, name) VALUES ('tiny', 'Tiny')`,
      );
      const { pool } = deployment.database;
      const one = await adminAccount(client, pool, { 'x-tenant': 'tiny' });
      const two = await adminAccount(client, pool, { 'x-tenant': 'tiny' });
      expect((await change(two.id, { ban: true }, one.token)).status).toBe(200);
      expect(code(await change(one.id, { roles: ['user'] }, one.token))).toEqual([
        409,
        'last_admin',
      ]);
    });
  });

  describe('of bans', () => {
    it('A11 lets nobody in who is banned, and everybody again after that', async () => {
      const bob = await client.account('bob');
      const reason = 'spam, repeatedly';
      const banned = await change(bob.id, { ban: true, banReason: reason });
      expect([banned.status, banned.body]).toMatchObject([
        200,
        { banned: true, banReason: reason, bannedAt: expect.any(String) },
      ]);
      for (const path of ['/api/v1/users/me', '/api/v1/posts/feed'])
        await eventually(async () => {
          const answer = await client.get(path, bob.token);
          expect(code(answer)).toEqual([401, 'invalid_token']);
        }, PROMISED_MS);
      expect(code(await login(bob))).toEqual([403, 'account_banned']);
      const { refreshToken } = bob;
      const refreshed = await client.post('/api/v1/auth/refresh', { refreshToken });
      expect(code(refreshed)).toEqual([401, 'invalid_refresh_token']);
      const lifted = await change(bob.id, { ban: false });
      expect(lifted.body).toMatchObject({ banned: false, banReason: null, bannedAt: null });
      const again = await login(bob);
      expect(again.status).toBe(200);
      const me = await client.get('/api/v1/users/me', again.body.accessToken);
      expect(me.status).toBe(200);
    });

    it('A12 tells only who knows the password of a ban', async () => {
      const bob = await client.account('bob');
      await change(bob.id, { ban: true });
      const same = ({ status, body }: Answer<Json>) => ({
        status,
        ...body,
        requestId: '',
        traceId: '',
      });
      const wrong = await login({ ...bob, password: 'not the password' });
      const unknown = await login({ username: 'nobody_here', password: 'not the password' });
      expect(same(wrong)).toEqual(same(unknown));
      expect(code(wrong)).toEqual([401, 'invalid_credentials']);
    });

    it('changes nothing when it is said again, but the reason', async () => {
      const bob = await client.account('bob');
      const first = await change(bob.id, { ban: true, banReason: 'one' });
      const second = await change(bob.id, { ban: true });
      expect(second.body).toEqual(first.body);
      const third = await change(bob.id, { ban: true, banReason: 'two' });
      expect(third.body).toEqual({ ...first.body, banReason: 'two' });
      await change(bob.id, { ban: false });
      await change(bob.id, { ban: false });
      const events = (await audit({ user: bob.id })).body.items.map(({ event }: Json) => event);
      expect(events).toEqual([
        'account.unbanned',
        'session.ended',
        'account.banned',
        'account.registered',
      ]);
    });

    it('takes the API keys of the account only as long as it lasts', async () => {
      const bob = await client.account('bob');
      const body = { name: 'a script', scopes: ['account:read'] };
      const { key } = (await client.post('/api/v1/auth/api-keys', body, bob.token)).body;
      const status = async () => (await client.get('/api/v1/users/me', key)).status;
      expect(await status()).toBe(200);
      await change(bob.id, { ban: true });
      await eventually(async () => expect(await status()).toBe(401), 5000);
      await change(bob.id, { ban: false });
      await eventually(async () => expect(await status()).toBe(200));
    });

    it('leaves no session that was opened at the same moment', async () => {
      const bob = await client.account('bob');
      const beside = await besideOpen(
        `UPDATE auth.users SET banned_at = now() WHERE id = $1`,
        bob.id,
        () => login(bob),
      );
      expect(code(beside)).toEqual([403, 'account_banned']);
    });

    it('leaves no token of a refresh that was under way', async () => {
      const bob = await client.account('bob');
      const { refreshToken } = bob;
      const beside = await besideOpen(
        `UPDATE auth.sessions SET ended_at = now() WHERE id = $1`,
        String(decodeJwt(bob.token)['sid']),
        () => client.post('/api/v1/auth/refresh', { refreshToken }),
      );
      expect(code(beside)).toEqual([401, 'invalid_refresh_token']);
    });

    it('leaves no API key that was made at the same moment', async () => {
      const bob = await client.account('bob');
      const body = { name: 'a key', scopes: ['posts:read'] };
      const beside = await besideOpen(
        `UPDATE auth.users SET banned_at = now() WHERE id = $1`,
        bob.id,
        () => client.post('/api/v1/auth/api-keys', body, bob.token),
      );
      expect(code(beside)).toEqual([401, 'invalid_token']);
    });

    it('makes every process ask again about the keys of the account', async () => {
      const bob = await client.account('bob');
      const body = { name: 'a key', scopes: ['posts:read'] };
      const { id } = (await client.post('/api/v1/auth/api-keys', body, bob.token)).body;
      await change(bob.id, { ban: true });
      const { rows } = await deployment.database.pool.query(
        `SELECT kind FROM auth.revocations WHERE subject = $1 AND expires_at > now()`,
        [id],
      );
      expect(rows).toEqual([{ kind: 'session' }]);
    });
  });

  describe('of roles', () => {
    it('A20 gives and takes within 5 s, whatever the token says', async () => {
      const other = await adminAccount(client, deployment.database.pool);
      expect((await users('', other.token)).status).toBe(200);
      expect(decodeJwt(other.token)['roles']).toContain('admin');
      const demoted = await change(other.id, { roles: ['user'] });
      expect([demoted.status, demoted.body.roles]).toEqual([200, ['user']]);
      await eventually(async () => {
        expect(code(await users('', other.token))).toEqual([403, 'forbidden']);
      }, PROMISED_MS);
      expect((await client.get('/api/v1/users/me', other.token)).status).toBe(200);
      await change(other.id, { roles: ['admin', 'user'] });
      await eventually(async () => {
        expect((await users('', other.token)).status).toBe(200);
      }, PROMISED_MS);
      const { refreshToken } = other;
      const { body } = await client.post('/api/v1/auth/refresh', { refreshToken });
      expect(decodeJwt(body.accessToken)['roles']).toEqual(['user', 'admin']);
    });

    it('A20 tells of them for as long as a token with the old ones can live', async () => {
      const bob = await client.account('bob');
      await change(bob.id, { roles: ['user', 'moderator'] });
      const { rows } = await deployment.database.pool.query(
        `SELECT roles, expires_at > now() + interval '1 day' AS lasts FROM auth.revocations
         WHERE kind = 'roles' AND subject = $1`,
        [bob.id],
      );
      expect(rows).toEqual([{ roles: ['user', 'moderator'], lasts: true }]);
    });

    it('leaves everybody the role "user", whether it is named or not', async () => {
      const bob = await client.account('bob');
      for (const [roles, all] of [
        [['moderator'], ['user', 'moderator']],
        [[], ['user']],
        [['admin'], ['user', 'admin']],
      ]) {
        const changed = await change(bob.id, { roles });
        expect([changed.status, changed.body.roles]).toEqual([200, all]);
        expect((await user(bob.id)).body.roles).toEqual(all);
        const { body } = await audit({ event: 'roles.changed', user: bob.id });
        expect(body.items[0].detail.after).toEqual(all);
      }
    });

    it('says who changed what, once', async () => {
      const bob = await client.account('bob');
      for (let n = 0; n < 2; n++) await change(bob.id, { roles: ['moderator', 'user'] });
      const lines = await audit({ event: 'roles.changed', user: bob.id });
      expect(lines.body.items).toMatchObject([
        {
          result: 'success',
          actorId: admin.id,
          subjectId: bob.id,
          ip: '127.0.0.1',
          device: 'node',
          requestId: expect.any(String),
          detail: { before: ['user'], after: ['user', 'moderator'] },
        },
      ]);
    });
  });
});

describe('administration over two instances', () => {
  let instances: Instances;
  let one: Instance;
  let two: Instance;
  let admin: Account;
  beforeAll(async () => {
    instances = await createInstances();
    [one, two] = [await instances.start(), await instances.start()];
    admin = await adminAccount(one.client, instances.database.pool);
  });
  afterAll(() => instances.clean());

  const change = (id: string, body: object) =>
    one.client.call('PATCH', `/api/v1/admin/users/${id}`, { token: admin.token, body });

  it('A11 refuses the tokens of a banned account on both within 5 s', async () => {
    const bob = await two.client.account('bob');
    const clients = [one.client, two.client];
    const me = (client: Client) => client.get('/api/v1/users/me', bob.token);
    for (const client of clients) expect((await me(client)).status).toBe(200);
    expect((await change(bob.id, { ban: true })).status).toBe(200);
    await eventually(async () => {
      for (const client of clients) expect((await me(client)).status).toBe(401);
    }, PROMISED_MS);
    for (const client of clients) {
      const { username: identifier, password } = bob;
      const login = await client.post('/api/v1/auth/login', { identifier, password });
      expect(login.status).toBe(403);
    }
  });

  it('A20 refuses an outdated role on both within 5 s', async () => {
    const other = await adminAccount(two.client, instances.database.pool);
    const clients = [one.client, two.client];
    const list = (client: Client) => client.get('/api/v1/admin/users', other.token);
    for (const client of clients) expect((await list(client)).status).toBe(200);
    expect((await change(other.id, { roles: ['user'] })).status).toBe(200);
    await eventually(async () => {
      for (const client of clients) expect((await list(client)).status).toBe(403);
    }, PROMISED_MS);
  });
});
