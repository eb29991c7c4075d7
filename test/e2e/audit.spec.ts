import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { adminAccount } from '../support/admin-account.js';
import { Client, type Account } from '../support/client.js';
import { deploy, type Deployment } from '../support/deployment.js';

describe('the audit log', () => {
  let deployment: Deployment;
  let client: Client;
  let admin: Account;

  beforeAll(async () => {
    deployment = await deploy();
    client = new Client(deployment.url);
    admin = await adminAccount(client, deployment.database.pool);
  });
  afterAll(() => deployment.stop());

  const change = (id: string, body: object) =>
    client.call('PATCH', `/api/v1/admin/users/${id}`, { token: admin.token, body });
  const login = ({ username, password }: { username: string; password: string }) =>
    client.post('/api/v1/auth/login', { identifier: username, password });
  const audit = (query: object) =>
    client.get(`/api/v1/admin/audit?${String(new URLSearchParams({ ...query }))}`, admin.token);
  const walk = (path: string, token: string) => client.pages(`${path}&limit=2`, token);

  it('tells of registrations and logins, done and refused', async () => {
    const bob = await client.account('bob');
    const session = decodeJwt((await login(bob)).body.accessToken)['sid'];
    await login({ ...bob, password: 'not the password' });
    await login({ username: 'somebody_unknown', password: 'not the password' });
    await client.post('/api/v1/auth/register', {
      username: `x_${randomBytes(4).toString('hex')}`,
      email: bob.email,
      password: randomBytes(12).toString('base64url'),
    });
    const { items } = (await audit({ user: bob.id })).body;
    expect(items).toMatchObject([
      { event: 'registration.known_email', result: 'failure', actorId: null },
      { event: 'login', result: 'failure', detail: { reason: 'invalid_credentials' } },
      { event: 'login', result: 'success', sessionId: session, actorId: bob.id },
      {
        event: 'account.registered',
        result: 'success',
        sessionId: decodeJwt(bob.token)['sid'],
      },
    ]);
    const refused = await audit({ event: 'login', result: 'failure' });
    const [unknown] = refused.body.items;
    expect(unknown).toMatchObject({ subjectId: null, detail: { reason: 'invalid_credentials' } });
    expect(refused.text).not.toContain('somebody_unknown');
  });

  it('is read by event, user, result and time, page by page', async () => {
    const bob = await client.account('bob');
    for (let n = 0; n < 5; n++) await login(bob);
    const of = (query: string) => walk(`/api/v1/admin/audit?user=${bob.id}${query}`, admin.token);
    const all = await of('');
    const ids = all.map(({ id }): string => id);
    expect(ids).toEqual([...ids].sort().reverse());
    expect(ids).toHaveLength(6);
    expect(await of('&event=login&result=success')).toEqual(all.slice(0, 5));
    expect(await of('&event=login&result=failure')).toEqual([]);
    const { at } = all[3];
    expect(await of(`&since=${at}`)).toEqual(all.slice(0, 4));
    expect(await of(`&until=${at}`)).toEqual(all.slice(4));
    expect(await of('&since=2999-01-01T00:00:00Z')).toEqual([]);
    expect(await of('&until=1999-01-01T00:00:00%2B02:00')).toEqual([]);
    const page = await audit({ user: bob.id, limit: '1' });
    const elsewhere = await audit({ user: admin.id, cursor: page.body.nextCursor });
    expect([elsewhere.status, elsewhere.body.code]).toEqual([400, 'invalid_cursor']);
  });

  it('tells an account what happened to it, but not which administrator it was', async () => {
    const bob = await client.account('bob');
    await change(bob.id, { ban: true, banReason: 'for administrators only' });
    await change(bob.id, { ban: false });
    const { accessToken } = (await login(bob)).body;
    const history = await walk('/api/v1/users/me/security?', accessToken);
    expect(history.map(({ event }) => event)).toEqual([
      'login',
      'account.unbanned',
      'session.ended',
      'account.banned',
      'account.registered',
    ]);
    const ended = history[2];
    expect(ended.detail).toEqual({ reason: 'account_banned' });
    expect(ended.sessionId).toBe(decodeJwt(bob.token)['sid']);
    for (const line of history.slice(1, 4))
      expect(line).toMatchObject({ actorId: null, ip: null, device: null, requestId: null });
    expect(history[0].ip).toBe('127.0.0.1');
    expect(JSON.stringify(history)).not.toContain('for administrators only');
    expect((await client.get('/api/v1/users/me/security')).status).toBe(401);
  });

  it('tells an administrator in the own history of the own account alone', async () => {
    const bob = await client.account('bob');
    await change(bob.id, { ban: true });
    const history = await walk('/api/v1/users/me/security?', admin.token);
    expect(history.map(({ event }) => event)).toContain('login');
    for (const { subjectId } of history) expect(subjectId).toBe(admin.id);
  });

  it('holds no secret and no address', async () => {
    const bob = await client.account('bob');
    await login(bob);
    await login({ ...bob, username: bob.email, password: 'a wrong password' });
    await change(bob.id, { ban: true, banReason: 'wrote to eve@example.com' });
    const { rows } = await deployment.database.pool.query(
      'SELECT to_jsonb(l)::text AS line FROM auth.audit_log l',
    );
    const written = rows.map(({ line }) => line).join('\n');
    for (const secret of [bob.password, bob.token, bob.refreshToken, 'a wrong password', '@'])
      expect(written).not.toContain(secret);
    const logged = JSON.stringify(deployment.app.logs);
    for (const secret of [bob.password, bob.token, bob.email, 'eve@example.com'])
      expect(logged).not.toContain(secret);
  });
});
