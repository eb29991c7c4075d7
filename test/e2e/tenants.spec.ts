import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { adminAccount } from '../support/admin-account.js';
import { Client, type Account } from '../support/client.js';
import { deploy, type Deployment } from '../support/deployment.js';

describe('tenants', () => {
  let deployment: Deployment;
  let client: Client;
  let admin: Account;

  beforeAll(async () => {
    deployment = await deploy();
    client = new Client(deployment.url);
    admin = await adminAccount(client, deployment.database.pool);
  });
  afterAll(() => deployment.stop());

  const create = (id: unknown, name: unknown, token = admin.token) =>
    client.post('/api/v1/admin/tenants', { id, name }, token);

  it('are made by administrators of the default tenant, once', async () => {
    const made = await create('acme', '  Acme Ltd. ');
    expect([made.status, made.body]).toEqual([
      201,
      { id: 'acme', name: 'Acme Ltd.', createdAt: expect.any(String) },
    ]);
    const again = await create('acme', 'Another');
    expect([again.status, again.body.code]).toEqual([409, 'tenant_exists']);
    const line = await client.get('/api/v1/admin/audit?event=tenant.created', admin.token);
    expect(line.body.items).toMatchObject([{ actorId: admin.id, detail: { tenant: 'acme' } }]);
  });

  it('repeat their answer for the same idempotency key', async () => {
    const body = { id: 'once', name: 'Once' };
    const keyed = { 'idempotency-key': 'tenant-1' };
    const answers = [];
    for (let n = 0; n < 2; n++)
      answers.push(await client.post('/api/v1/admin/tenants', body, admin.token, keyed));
    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
    expect(answers[1]?.body).toEqual(answers[0]?.body);
    expect(answers[1]?.headers.get('idempotency-replayed')).toBe('true');
  });

  it.each(['', 'Acme', '-acme', 'a_b', 'a'.repeat(64), "x'; DROP TABLE auth.tenants --", null, 7])(
    'have no id like %p',
    async (id) => {
      const answer = await create(id, 'Name');
      expect([answer.status, answer.body.code]).toEqual([400, 'validation_failed']);
    },
  );

  it('are known to registrations from then on, where they were refused before', async () => {
    const header = { 'x-tenant': 'later' };
    const login = () =>
      client.post('/api/v1/auth/login', { identifier: 'a', password: 'b' }, undefined, header);
    expect((await login()).body.code).toBe('unknown_tenant');
    expect((await create('later', 'Later')).status).toBe(201);
    expect((await login()).body.code).toBe('invalid_credentials');
    const eve = await client.account('eve', header);
    expect(decodeJwt(eve.token)['tid']).toBe('later');
  });

  it('are no business of users, nor of the administrators of another tenant', async () => {
    await create('globex', 'Globex');
    const theirs = await adminAccount(client, deployment.database.pool, { 'x-tenant': 'globex' });
    const user = await client.account();
    for (const { token } of [theirs, user]) {
      expect((await create('mine', 'Mine', token)).status).toBe(403);
      expect((await client.get('/api/v1/admin/tenants', token)).status).toBe(403);
    }
    expect((await client.get('/api/v1/admin/tenants')).status).toBe(401);
  });

  it('are listed whole, page by page', async () => {
    for (const id of ['p-1', 'p-2', 'p-3']) await create(id, id);
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query: string = cursor && `&cursor=${cursor}`;
      const page = await client.get(`/api/v1/admin/tenants?limit=2${query}`, admin.token);
      expect(page.status).toBe(200);
      seen.push(...page.body.items.map(({ id }: { id: string }) => id));
      cursor = page.body.nextCursor;
    }
    expect(seen).toEqual([...new Set(seen)].sort());
    expect(seen).toEqual(expect.arrayContaining(['default', 'acme', 'p-1', 'p-2', 'p-3']));
  });
});
