import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { PrunePace } from '../../src/modules/auth/mail/prune-pace.js';
import { PgRecipientsRepository } from '../../src/modules/auth/mail/recipients.repository.js';
import { byTheClock, openOn } from './support.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

describe('the pace of mails', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await createDatabase();
  });
  afterAll(() => test.drop());

  it('is one a minute and address, and what is older is forgotten', async () => {
    const userId = uuidv7();
    await test.pool.query(
      `INSERT INTO auth.users (id, tenant_id, email, email_key, username, username_key, display_name)
       VALUES ($1, 'default', 'a@example.com', 'a@example.com', 'ada', 'ada', 'ada')`,
      [userId],
    );
    const { jobs, run } = byTheClock();
    const recipients = new PgRecipientsRepository(await openOn(test));
    await new PrunePace(jobs, recipients).onApplicationBootstrap();
    const change = { userId, template: 'email-change', email: 'one@example.com' };
    expect(await recipients.claim(change, 'first')).toBe(true);
    expect(await recipients.claim(change, 'first')).toBe(true); // tried again
    expect(await recipients.claim(change, 'second')).toBe(false);
    expect(await recipients.claim({ ...change, email: 'ONE@example.com' }, 'third')).toBe(false);
    expect(await recipients.claim({ ...change, email: 'two@example.com' }, 'fourth')).toBe(true);
    expect(await recipients.claim({ userId, template: 'password-reset' }, 'fifth')).toBe(true);
    await test.pool.query(
      `UPDATE auth.mail_pace SET sent_at = now() - interval '61 seconds' WHERE job <> 'fifth'`,
    );
    expect(await recipients.claim(change, 'sixth')).toBe(true);
    await run();
    const { rows } = await test.pool.query('SELECT template, job FROM auth.mail_pace ORDER BY job');
    expect(rows).toMatchObject([{ job: 'fifth' }, { job: 'sixth' }]);
    expect(JSON.stringify(rows)).not.toContain('@'); // it may be an address of somebody else
  });
});
