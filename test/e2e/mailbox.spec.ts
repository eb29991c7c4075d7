import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, eventually, type Account } from '../support/client.js';
import { deploy, type Deployment } from '../support/deployment.js';

const KEY = 'the internal key of these tests only';
const operator = { 'x-internal-key': KEY };

describe('the mailbox of a machine without a mail server', () => {
  let deployment: Deployment;
  let client: Client;
  let ada: Account;

  beforeAll(async () => {
    deployment = await deploy({
      INTERNAL_API_KEYS: KEY,
      TRUSTED_PROXIES: '127.0.0.1/32', // so that a test can come from outside
      MAINSTAY__JOBS__POLL_SECONDS: '0.5',
    });
    client = new Client(deployment.url);
    ada = await client.account('ada');
  });
  afterAll(() => deployment?.stop());

  const mailbox = (query = '') => client.get(`/ops/mailbox${query}`, undefined, operator);
  const linkIn = (text: string) => /http\S+#token=(\S+)/.exec(text) ?? [];

  it('has the link that would have been sent, and it works', async () => {
    let text = '';
    await eventually(async () => {
      const { status, body } = await mailbox();
      expect(status).toBe(200);
      expect(body).toEqual({
        items: [
          {
            id: expect.any(String),
            to: ada.email,
            subject: 'Confirm your e-mail address',
            text: expect.stringContaining('/verify-email#token='),
            createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
          },
        ],
        nextCursor: null,
      });
      ({ text } = body.items[0]);
    });
    const [link = '', token] = linkIn(text);
    // The address of the process itself, which in a split deployment PUBLIC_URL has to say.
    if (globalThis.topology !== 'split') {
      const { port } = new URL(deployment.url);
      expect(link).toBe(`http://localhost:${port}/verify-email#token=${token}`);
    }
    expect((await client.post('/api/v1/auth/email/verify', { token })).status).toBe(204);
  });

  it('is for operators on the inside', async () => {
    expect((await client.get('/ops/mailbox')).status).toBe(401);
    expect((await client.get('/ops/mailbox', ada.token)).status).toBe(403);
    const outside = { ...operator, 'x-forwarded-for': '203.0.113.9' };
    expect((await client.get('/ops/mailbox', undefined, outside)).status).toBe(404);
  });

  it('is read page by page, newest first, and keeps the newest 100', async () => {
    const { pool } = deployment.database;
    await pool.query(
      `INSERT INTO auth.mailbox (id, recipient, subject, body)
       SELECT ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'old@example.com', n::text, ''
       FROM generate_series(1, 150) n`,
    );
    await client.account('ben');
    const count = async () =>
      Number((await pool.query('SELECT count(*) FROM auth.mailbox')).rows[0].count);
    await eventually(async () => expect(await count()).toBe(100));
    const first = (await mailbox('?limit=3')).body;
    expect(first.items.map(({ subject }: { subject: string }) => subject)).toEqual([
      'Confirm your e-mail address',
      'Confirm your e-mail address',
      '150',
    ]);
    const second = (await mailbox(`?limit=100&cursor=${first.nextCursor}`)).body;
    expect([second.items.length, second.items[0].subject, second.nextCursor]).toEqual([
      97,
      '149',
      null,
    ]);
    expect((await mailbox('?cursor=made-up')).body.code).toBe('invalid_cursor');
  });
});
