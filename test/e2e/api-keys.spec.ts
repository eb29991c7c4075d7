import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SocketClient } from '../../scripts/socket-client.ts';
import { adminAccount } from '../support/admin-account.js';
import { Client, type Account } from '../support/client.js';
import { deploy, type Deployment } from '../support/deployment.js';

const DAY_MS = 86_400_000;

describe('API keys', () => {
  let deployment: Deployment;
  let client: Client;
  let ada: Account;

  beforeAll(async () => {
    deployment = await deploy();
    client = new Client(deployment.url);
    ada = await client.account('ada');
  });
  afterAll(() => deployment.stop());

  const create = (body: object, token = ada.token, headers = {}) =>
    client.post('/api/v1/auth/api-keys', { name: 'a key', ...body }, token, headers);
  const list = (token = ada.token) => client.get('/api/v1/auth/api-keys?limit=100', token);
  const revoke = (id: string, token = ada.token) =>
    client.call('DELETE', `/api/v1/auth/api-keys/${id}`, { token });
  const code = ({ status, body }: { status: number; body: { code?: string } }) => [
    status,
    body.code,
  ];

  it('are shown once, and kept as a hash', async () => {
    const answer = await create({ name: 'export', scopes: ['posts:read'] });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const { key, ...shown } = answer.body;
    expect(key).toMatch(/^mk_[A-Za-z0-9_-]{43}$/);
    expect(shown).toEqual({
      id: expect.any(String),
      name: 'export',
      scopes: ['posts:read'],
      createdAt: expect.any(String),
      expiresAt: expect.any(String),
      lastUsedAt: null,
    });
    expect(Date.parse(shown.expiresAt) - Date.parse(shown.createdAt)).toBe(90 * DAY_MS);
    const listed = await list();
    expect(listed.body.items).toContainEqual(shown);
    const hash = createHash('sha256').update(key).digest();
    expect(listed.text).not.toContain(hash.toString('hex'));
    const { rows } = await deployment.database.pool.query(
      'SELECT hash, to_jsonb(k) AS whole FROM auth.api_keys k WHERE id = $1',
      [shown.id],
    );
    expect(rows[0].hash).toEqual(hash);
    expect(JSON.stringify(rows[0].whole)).not.toContain(key.slice(3));
  });

  it('show the key again to a repeat of the same request, and make one key', async () => {
    const bob = await client.account('bob');
    const keyed = { 'idempotency-key': 'a-key' };
    const body = { scopes: ['posts:read'] };
    const [first, second] = [
      await create(body, bob.token, keyed),
      await create(body, bob.token, keyed),
    ];
    expect(second.body).toEqual(first.body);
    expect((await list(bob.token)).body.items).toHaveLength(1);
  });

  it('can do no more than their account, and never touch its passwords, sessions and keys', async () => {
    for (const scope of ['account:security', 'posts:moderate', 'users:manage', 'limits:bypass'])
      expect(code(await create({ scopes: ['posts:read', scope] }))).toEqual([403, 'forbidden']);
    const { pool } = deployment.database;
    await pool.query(`INSERT INTO auth.tenants (id, name) VALUES ('acme', 'Acme')`);
    const admin = await adminAccount(client, pool);
    const theirs = await adminAccount(client, pool, { 'x-tenant': 'acme' });
    expect((await create({ scopes: ['ops:manage'] }, admin.token)).status).toBe(201);
    expect((await create({ scopes: ['users:manage'] }, theirs.token)).status).toBe(201);
    expect((await create({ scopes: ['ops:manage'] }, theirs.token)).status).toBe(403);
    expect((await create({ scopes: ['account:security'] }, admin.token)).status).toBe(403);
  });

  it.each([
    [{ scopes: [] }],
    [{ scopes: ['posts:read', 'posts:read'] }],
    [{ scopes: ["' OR 1=1 --"] }],
    [{ scopes: 'posts:read' }],
    [{ scopes: ['posts:read'], expiresInDays: 0 }],
    [{ scopes: ['posts:read'], expiresInDays: 366 }],
    [{ scopes: ['posts:read'], expiresInDays: 1.5 }],
    [{ scopes: ['posts:read'], name: ' ' }],
    [{ scopes: ['posts:read'], name: 'a\nb' }],
    [{ scopes: ['posts:read'], userId: '00000000-0000-0000-0000-000000000000' }],
    [{ scopes: ['posts:read'], key: 'mk_mine' }],
  ])('are not made of %j', async (body) => {
    expect(code(await create(body))).toEqual([400, 'validation_failed']);
  });

  it('end when they are revoked, which may be said twice', async () => {
    const { id } = (await create({ scopes: ['posts:read'] })).body;
    for (let n = 0; n < 2; n++) expect((await revoke(id)).status).toBe(204);
    expect((await list()).text).not.toContain(id);
    const { rows } = await deployment.database.pool.query(
      `SELECT kind FROM auth.revocations WHERE subject = $1 AND expires_at > now() + interval '100 s'`,
      [id],
    );
    expect(rows).toEqual([{ kind: 'session' }]);
    const history = await client.get('/api/v1/users/me/security', ada.token);
    const events = history.body.items
      .filter(({ detail }: { detail: { key?: string } }) => detail.key === id)
      .map(({ event }: { event: string }) => event);
    expect(events).toEqual(['api_key.revoked', 'api_key.created']);
  });

  it('are nobody else’s to see or end', async () => {
    const { id } = (await create({ scopes: ['posts:read'] })).body;
    const bob = await client.account('bob');
    expect((await list(bob.token)).body.items).toEqual([]);
    expect((await revoke(id, bob.token)).status).toBe(404);
    expect((await revoke('01a1f7e9-332e-71f7-bcb6-d031049d25ec')).status).toBe(404);
    expect((await revoke('not-an-id')).status).toBe(400);
    expect((await list()).text).toContain(id);
    expect((await client.get('/api/v1/auth/api-keys')).status).toBe(401);
  });

  it('without the scope see of posts what anybody sees', async () => {
    const erin = await client.account('erin');
    const shown = await client.write(erin, 'For all.');
    const hidden = await client.write(erin, 'For me.', { visibility: 'private' });
    const seenWith = async (scope: string) => {
      const { key } = (await create({ scopes: [scope] }, erin.token)).body;
      const list = await client.get(`/api/v1/posts?author=${erin.username}`, key);
      const single = await client.get(`/api/v1/posts/${hidden.id}`, key);
      return [list.body.items.map(({ id }: { id: string }) => id), single.status];
    };
    expect(await seenWith('posts:read')).toEqual([[hidden.id, shown.id], 200]);
    expect(await seenWith('account:read')).toEqual([[shown.id], 404]);
  });

  it('listen only to the topics of their scopes', async () => {
    const listensTo = async (scope: string) => {
      const { key } = (await create({ scopes: [scope] })).body;
      const socket = await SocketClient.open(client.url, key);
      const answers = [];
      for (const topic of ['feed', 'notifications']) {
        socket.send({ op: 'subscribe', id: topic, topic });
        socket.send({ op: 'ping', id: topic });
        await socket.frame('pong');
        answers.push(socket.frames.splice(0).map(({ op, code }) => [op, code]));
      }
      socket.close();
      return answers;
    };
    const [yes, no] = [[['subscribed', undefined]], [['error', 'topic_not_allowed']]];
    expect(await listensTo('posts:read')).toEqual([yes, no]);
    expect(await listensTo('notifications:read')).toEqual([no, yes]);
  });

  it('leave the list when they expire', async () => {
    const { id } = (await create({ scopes: ['posts:read'], expiresInDays: 1 })).body;
    expect((await list()).text).toContain(id);
    await deployment.database.pool.query(
      'UPDATE auth.api_keys SET expires_at = now() WHERE id = $1',
      [id],
    );
    expect((await list()).text).not.toContain(id);
  });

  it('are fifty an account at most, also when many are made at once', async () => {
    const carl = await client.account('carl');
    const { pool } = deployment.database;
    await pool.query(
      `INSERT INTO auth.api_keys (id, tenant_id, user_id, name, hash, scopes, expires_at)
       SELECT gen_random_uuid(), 'default', $1, 'k', sha256(n::text::bytea), '{posts:read}', now() + interval '1 day'
       FROM generate_series(1, 47) n`,
      [carl.id],
    );
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => create({ scopes: ['posts:read'] }, carl.token)),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(3);
    const refused = answers.filter(({ status }) => status !== 201);
    expect(refused.map(code)).toEqual(Array(5).fill([409, 'too_many_api_keys']));
    const [{ id }] = (await list(carl.token)).body.items;
    expect((await revoke(id, carl.token)).status).toBe(204);
    expect((await create({ scopes: ['posts:read'] }, carl.token)).status).toBe(201);
  });

  it('are listed newest first, page by page', async () => {
    const dora = await client.account('dora');
    const made: string[] = [];
    for (let n = 0; n < 5; n++)
      made.unshift((await create({ scopes: ['posts:read'] }, dora.token)).body.id);
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query: string = cursor && `&cursor=${cursor}`;
      const page = await client.get(`/api/v1/auth/api-keys?limit=2${query}`, dora.token);
      seen.push(...page.body.items.map(({ id }: { id: string }) => id));
      cursor = page.body.nextCursor;
    }
    expect(seen).toEqual(made);
  });

  it('are in no log line', () => {
    expect(JSON.stringify(deployment.app.logs)).not.toMatch(/mk_[A-Za-z0-9_-]{43}/);
  });
});
