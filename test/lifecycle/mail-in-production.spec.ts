import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { failedStart } from '../support/failed-start.js';
import { createInstances, type Instances } from '../support/instances.js';

const KEY = 'the internal key of these tests only';
const settings = {
  NODE_ENV: 'production',
  AUTH_KEY_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
  INTERNAL_API_KEYS: KEY,
  MAINSTAY__JOBS__POLL_SECONDS: '0.5',
  MAINSTAY__LIFECYCLE__ENDPOINT_DELAY_SECONDS: '0',
};

describe('mail in production', () => {
  let instances: Instances;
  beforeAll(async () => {
    instances = await createInstances();
  });
  afterAll(() => instances?.clean());

  it('is dropped without a mail server, which the start says once, and kept nowhere', async () => {
    const { app, client } = await instances.start(settings);
    const warnings = app.logs.filter(({ event }) => event === 'mail_is_off');
    expect(warnings).toMatchObject([{ level: 'warn' }]);
    await client.account('ada');
    const dropped = await app.log(({ event }) => event === 'mail_not_sent');
    expect(dropped).toMatchObject({ template: 'email-verification', reason: 'no_mail_server' });
    const { rows } = await instances.database.pool.query(
      'SELECT subject FROM auth.mailbox UNION ALL SELECT purpose FROM auth.one_time_tokens',
    );
    expect(rows).toEqual([]);
    const answer = await client.get('/ops/mailbox', undefined, { 'x-internal-key': KEY });
    expect([answer.status, answer.body.code]).toEqual([404, 'not_found']);
    expect(await app.stop()).toBe(0);
  });

  it('needs to be told where its links lead', async () => {
    const said = await failedStart({
      ...settings,
      DATABASE_URL: instances.database.url,
      SMTP_URL: 'smtp://127.0.0.1:2525',
    });
    expect(said).toContain('mail.linkUrl: required in production');
    expect(said).toContain('1 problem');
  });
});
