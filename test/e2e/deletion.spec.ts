import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PgAccountsRepository } from '../../src/modules/auth/accounts/accounts.repository.js';
import { CachedAccountsRepository } from '../../src/modules/auth/accounts/accounts.cache.js';
import { AuthorCache } from '../../src/modules/auth/accounts/author.cache.js';
import { ProfileCache } from '../../src/modules/auth/accounts/profile.cache.js';
import { PurgeAccounts } from '../../src/modules/auth/accounts/purge-accounts.js';
import { PgPurgesRepository } from '../../src/modules/auth/accounts/purges.repository.js';
import { RestoreAccount } from '../../src/modules/auth/accounts/restore-account.js';
import { PgAuditRepository } from '../../src/modules/auth/audit/audit.repository.js';
import { RecordAudit } from '../../src/modules/auth/audit/record-audit.js';
import { authConfig } from '../../src/modules/auth/auth.config.js';
import type { Jobs } from '../../src/platform/jobs/jobs.js';
import { openCaches } from '../integration/caches.js';
import { instance } from '../integration/support.js';
import { adminAccount } from '../support/admin-account.js';
import { Client, eventually, type Account } from '../support/client.js';
import { deploy, type Deployment } from '../support/deployment.js';

describe('a deleted account', () => {
  let deployment: Deployment;
  let client: Client;
  /** What only operators and the clock do, as another process of the deployment. */
  let restore: (account: Account) => Promise<boolean>;
  let purge: () => Promise<void>;

  beforeAll(async () => {
    deployment = await deploy({ MAINSTAY__JOBS__POLL_SECONDS: '0.5' });
    client = new Client(deployment.url);
    const { database: pool } = deployment;
    const { database, outbox, lifecycle } = await instance(pool);
    pool.beforeDrop(() => lifecycle.stop());
    const { caches } = await openCaches(pool, database, undefined);
    const config = authConfig.schema.parse({});
    const accounts = new CachedAccountsRepository(
      new PgAccountsRepository(database),
      new ProfileCache(caches, config),
      new AuthorCache(caches, config),
    );
    const audit = new RecordAudit(new PgAuditRepository(database));
    const restoring = new RestoreAccount(accounts, outbox, audit);
    restore = ({ id }) => database.transaction((tx) => restoring.execute(tx, 'default', id));
    const purges = new PgPurgesRepository();
    const purging = new PurgeAccounts({} as Jobs, database, purges, outbox, audit, config);
    purge = () => purging.execute(new AbortController().signal);
  });
  afterAll(() => deployment.stop());

  const sql = async (text: string, ...values: unknown[]) =>
    (await deployment.database.pool.query(text, values)).rows;
  const remove = async (account: Account): Promise<void> => {
    const { status } = await client.call('DELETE', '/api/v1/users/me', { token: account.token });
    expect(status).toBe(204);
  };
  const login = (account: Account) =>
    client.post('/api/v1/auth/login', { identifier: account.username, password: account.password });
  const idsOf = async (path: string, token?: string): Promise<string[]> =>
    (await client.get(path, token)).body.items.map(({ id }: { id: string }) => id);
  const age = (account: Account, days: number) =>
    sql(
      'UPDATE auth.users SET deleted_at = now() - make_interval(days => $2) WHERE id = $1',
      account.id,
      days,
    );

  it('is gone from the answer on: nobody gets into it, nobody sees it', async () => {
    const [ada, bob] = await Promise.all([client.account('ada'), client.account('bob')]);
    await client.follow(bob, ada);
    const post = await client.write(ada);
    const second = (await login(ada)).body;
    const seen = async () => [
      (await client.get(`/api/v1/users/${ada.username}`)).status,
      (await client.get(`/api/v1/posts/${post.id}`, bob.token)).status,
      (await idsOf('/api/v1/posts', bob.token)).includes(post.id),
      (await idsOf(`/api/v1/posts?author=${ada.username}`)).includes(post.id),
      (await idsOf('/api/v1/posts/feed', bob.token)).includes(post.id),
    ];
    expect(await seen()).toEqual([200, 200, true, true, true]);

    await remove(ada);
    for (const token of [ada.token, second.accessToken])
      expect((await client.get('/api/v1/users/me', token)).status).toBe(401);
    for (const refreshToken of [ada.refreshToken, second.refreshToken])
      expect((await client.post('/api/v1/auth/refresh', { refreshToken })).status).toBe(401);
    const refused = await login(ada);
    expect([refused.status, refused.body.code]).toEqual([401, 'invalid_credentials']);
    await eventually(async () => {
      expect(await seen()).toEqual([404, 404, false, false, false]);
    });
    expect((await client.follow(bob, ada)).status).toBe(404);

    const { username, email } = ada;
    const again = { username, email: 'x@example.com', password: 'long enough' };
    expect((await client.post('/api/v1/auth/register', again)).body.code).toBe('username_taken');
    const other = { username: `${username}x`, email, password: 'long enough' };
    expect((await client.post('/api/v1/auth/register', other)).status).toBe(202);
    const reasons = await sql(
      'SELECT DISTINCT end_reason FROM auth.sessions WHERE user_id = $1',
      ada.id,
    );
    expect(reasons).toEqual([{ end_reason: 'account_deleted' }]);
  });

  it('F14 is deleted while its sessions are refreshed: neither waits for the other for good', async () => {
    for (let round = 0; round < 10; round++) {
      const ada = await client.account('ada');
      let { refreshToken } = ada;
      const refreshing = (async () => {
        for (;;) {
          const answer = await client.post('/api/v1/auth/refresh', { refreshToken });
          if (answer.status !== 200) return answer.status;
          ({ refreshToken } = answer.body);
        }
      })();
      const deleted = await client.call('DELETE', '/api/v1/users/me', { token: ada.token });
      expect([deleted.status, await refreshing]).toEqual([204, 401]);
    }
    const deadlocks = `SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()`;
    expect(await sql(deadlocks)).toEqual([{ deadlocks: 0 }]);
  });

  it('is not got into by a login that was checked before and came after', async () => {
    const ada = await client.account('ada');
    const { pool } = deployment.database;
    const open = await pool.connect();
    try {
      await open.query('BEGIN');
      await open.query('UPDATE auth.users SET deleted_at = now() WHERE id = $1', [ada.id]);
      const answer = login(ada);
      await eventually(async () => {
        const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
        expect((await pool.query(waiting)).rows).toHaveLength(1);
      });
      await open.query('COMMIT');
      const { status, body } = await answer;
      expect([status, body.code]).toEqual([401, 'invalid_credentials']);
    } finally {
      open.release();
    }
  });

  it('is never that of the last administrator who can log in, not even of two at once', async () => {
    const { pool } = deployment.database;
    const [one, two, three] = [
      await adminAccount(client, pool),
      await adminAccount(client, pool),
      await adminAccount(client, pool),
    ];
    const drop = ({ token }: Account) => client.call('DELETE', '/api/v1/users/me', { token });
    await remove(three); // counts no more
    const answers = await Promise.all([drop(one), drop(two)]);
    for (const status of [204, 409])
      expect(answers.filter((answer) => answer.status === status)).toHaveLength(1);
    const last = answers[0]?.status === 409 ? one : two;
    const refused = await drop(last);
    expect([refused.status, refused.body.code]).toEqual([409, 'last_admin']);
    const demoted = await client.call('PATCH', `/api/v1/admin/users/${last.id}`, {
      token: last.token,
      body: { roles: ['user'] },
    });
    expect([demoted.status, demoted.body.code]).toEqual([409, 'last_admin']);
  });

  it('leaves no holes in lists', async () => {
    const [ada, bob, eve] = await Promise.all([
      client.account(),
      client.account(),
      client.account(),
    ]);
    await Promise.all([client.follow(bob, ada), client.follow(bob, eve)]);
    const old = [await client.write(ada), await client.write(ada)];
    for (let n = 0; n < 3; n++) await client.write(eve);
    const first = () =>
      Promise.all([
        idsOf('/api/v1/posts?limit=2', bob.token),
        idsOf('/api/v1/posts/feed?limit=2', bob.token),
      ]);
    await first();
    await remove(eve);
    const expected = old.map(({ id }) => id).reverse();
    await eventually(async () => {
      expect(await first()).toEqual([expected, expected]);
    });
  });

  it('is not deleted when it is another one than was read', async () => {
    const ada = await client.account();
    const drop = (etag: string) =>
      client.call('DELETE', '/api/v1/users/me', {
        token: ada.token,
        headers: { 'if-match': etag },
      });
    const stale = await drop('"x"');
    expect([stale.status, stale.body.code]).toEqual([412, 'stale_resource']);
    const etag = (await client.get('/api/v1/users/me', ada.token)).headers.get('etag');
    expect((await drop(String(etag))).status).toBe(204);
    expect((await drop(String(etag))).status).toBe(401);
  });

  it('has no API keys and no links in mails any more', async () => {
    const ada = await client.account();
    const key = randomUUID();
    await sql(
      `INSERT INTO auth.api_keys (id, tenant_id, user_id, name, hash, scopes, expires_at)
       VALUES ($1, 'default', $2, 'k', $3, '{}', now() + interval '1 day')`,
      ...[key, ada.id, Buffer.from(key)],
    );
    await sql(
      `INSERT INTO auth.one_time_tokens (hash, purpose, user_id, email, expires_at)
       VALUES ($1, 'password.reset', $2, 'x', now() + interval '10 minutes')`,
      ...[Buffer.from(key), ada.id],
    );
    await remove(ada);
    const revoked = await sql('SELECT revoked_at FROM auth.api_keys WHERE id = $1', key);
    expect(revoked).toEqual([{ revoked_at: expect.any(Date) }]);
    expect(await sql('SELECT kind FROM auth.revocations WHERE subject = $1', key)).toEqual([
      { kind: 'session' },
    ]);
    expect(await sql('SELECT 1 FROM auth.one_time_tokens WHERE user_id = $1', ada.id)).toEqual([]);
  });

  it('comes back whole when it is restored', async () => {
    const [ada, bob] = await Promise.all([client.account(), client.account()]);
    await client.follow(bob, ada);
    const post = await client.write(ada);
    expect(await restore(ada)).toBe(false);
    await remove(ada);
    await eventually(async () => {
      expect(await idsOf('/api/v1/posts/feed', bob.token)).toEqual([]);
    });
    expect(await restore(ada)).toBe(true);
    expect(await restore(ada)).toBe(false);
    expect((await login(ada)).status).toBe(200);
    expect((await client.get('/api/v1/users/me', ada.token)).status).toBe(401);
    await eventually(async () => {
      expect((await client.get(`/api/v1/users/${ada.username}`)).status).toBe(200);
      expect((await client.get(`/api/v1/posts/${post.id}`)).status).toBe(200);
      expect(await idsOf('/api/v1/posts')).toContain(post.id);
      expect(await idsOf('/api/v1/posts/feed', bob.token)).toEqual([post.id]);
    });
  });

  it('is gone for good after 30 days, with all that was its own', async () => {
    const [ada, bob, eve] = await Promise.all([
      client.account(),
      client.account(),
      client.account(),
    ]);
    await Promise.all([client.follow(bob, ada), client.follow(ada, bob), client.follow(eve, bob)]);
    const post = await client.write(ada);
    const counts = async () => (await client.get(`/api/v1/users/${bob.username}`)).body.counts;
    const notes = async () =>
      (await sql('SELECT actor_id FROM realtime.notifications WHERE user_id = $1', bob.id)).length;
    await eventually(async () => {
      expect(await counts()).toEqual({ posts: 0, followers: 2, following: 1 });
      expect(await notes()).toBe(2);
    });
    await remove(ada);
    await age(ada, 29);
    await purge();
    expect(await sql('SELECT 1 FROM auth.users WHERE id = $1', ada.id)).toHaveLength(1);
    await age(ada, 31);
    await purge();

    expect(await sql('SELECT 1 FROM auth.users WHERE id = $1', ada.id)).toEqual([]);
    expect(await sql('SELECT 1 FROM auth.sessions WHERE user_id = $1', ada.id)).toEqual([]);
    const lines = await sql(
      'SELECT event, ip, device FROM auth.audit_log WHERE subject_id = $1',
      ada.id,
    );
    expect(lines).toEqual(
      expect.arrayContaining([
        { event: 'account.deleted', ip: null, device: null },
        { event: 'account.purged', ip: null, device: null },
      ]),
    );
    expect(lines.every(({ ip, device }) => ip === null && device === null)).toBe(true);
    await eventually(async () => {
      expect(await sql('SELECT 1 FROM posts.posts WHERE id = $1', post.id)).toEqual([]);
      const follows = 'SELECT 1 FROM posts.follows WHERE $1 IN (follower_id, author_id)';
      expect(await sql(follows, ada.id)).toEqual([]);
      expect(await sql('SELECT 1 FROM posts.hidden_authors WHERE author_id = $1', ada.id)).toEqual(
        [],
      );
      expect(await sql('SELECT * FROM posts.author_counts WHERE author_id = $1', ada.id)).toEqual(
        [],
      );
      const about = 'SELECT 1 FROM realtime.notifications WHERE $1 IN (user_id, actor_id)';
      expect(await sql(about, ada.id)).toEqual([]);
      expect(await notes()).toBe(1);
      expect(await counts()).toEqual({ posts: 0, followers: 1, following: 0 });
    });

    const { username, email, password } = ada; // both are free again
    expect((await client.post('/api/v1/auth/register', { username, email, password })).status).toBe(
      201,
    );
  });
});
