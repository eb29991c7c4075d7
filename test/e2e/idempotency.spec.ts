import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, type Account } from '../support/client.js';
import { deploy, type Deployment } from '../support/deployment.js';

describe('idempotency keys', () => {
  let deployment: Deployment;
  let client: Client;
  let ada: Account;

  beforeAll(async () => {
    deployment = await deploy();
    client = new Client(deployment.url);
    ada = await client.account('ada');
  });
  afterAll(() => deployment.stop());

  const write = (key: string, body = 'Once.', account = ada) =>
    client.post('/api/v1/posts', { body }, account.token, { 'idempotency-key': key });
  const count = async (): Promise<number> =>
    Number(
      (await deployment.database.pool.query('SELECT count(*) FROM posts.posts')).rows[0].count,
    );

  it('K1 makes one row of 20 parallel requests: one 201, the rest replay or 409', async () => {
    const key = randomUUID();
    const before = await count();
    const answers = await Promise.all(Array.from({ length: 20 }, () => write(key)));
    expect(await count()).toBe(before + 1);
    const created = answers.filter(({ status }) => status === 201);
    const inFlight = answers.filter(
      ({ status, body }) => status === 409 && body.code === 'idempotency_in_flight',
    );
    expect(created.length + inFlight.length).toBe(20);
    expect(created.filter(({ headers }) => !headers.has('idempotency-replayed'))).toHaveLength(1);
    expect(new Set(created.map(({ text }) => text)).size).toBe(1);
  });

  it('replays status, body and headers', async () => {
    const key = randomUUID();
    const first = await write(key);
    const again = await write(key);
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect([again.status, again.text]).toEqual([201, first.text]);
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
  });

  it('K2 refuses the same key with another body', async () => {
    const key = randomUUID();
    await write(key);
    const other = await write(key, 'Something else.');
    expect([other.status, other.body.code]).toEqual([422, 'idempotency_key_reused']);
  });

  it('keeps the keys of callers apart', async () => {
    const key = randomUUID();
    const bob = await client.account('bob');
    const [first, second] = [await write(key), await write(key, 'Once.', bob)];
    expect(second.status).toBe(201);
    expect(second.body.id).not.toBe(first.body.id);
  });

  it('gives a repeated registration and login the same tokens, and stores none of them readably', async () => {
    const key = randomUUID();
    const username = `again_${Date.now()}`;
    const body = { username, email: `${username}@example.com`, password: 'long enough' };
    const [first, second] = [
      await client.post('/api/v1/auth/register', body, undefined, { 'idempotency-key': key }),
      await client.post('/api/v1/auth/register', body, undefined, { 'idempotency-key': key }),
    ];
    expect([second.status, second.text]).toEqual([201, first.text]);
    const { rows } = await deployment.database.pool.query('SELECT * FROM platform.idempotency');
    const stored = rows
      .map(({ id, answer, fingerprint }) =>
        Buffer.concat([id, answer, fingerprint]).toString('latin1'),
      )
      .join();
    expect(stored).not.toContain(String(first.body.accessToken).slice(0, 20));
    expect(stored).not.toContain(key);
  });

  it('does not keep an answer that was an error', async () => {
    const key = randomUUID();
    expect((await write(key, '')).status).toBe(400);
    expect((await write(key, 'Now with a text.')).status).toBe(201);
  });

  it('refuses a key that is too long or not printable', async () => {
    for (const key of ['k'.repeat(256), 'tab\there']) {
      const answer = await write(key);
      expect([answer.status, answer.body.code]).toEqual([400, 'validation_failed']);
    }
  });
});
