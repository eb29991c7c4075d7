import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PgSessionActivityRepository } from '../../src/modules/auth/sessions/session-activity.repository.js';
import { eventually } from '../support/client.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { openOn } from './support.js';

describe('that sessions are in use', () => {
  let test: TestDatabase;
  let activity: PgSessionActivityRepository;
  beforeAll(async () => {
    test = await createDatabase();
    activity = new PgSessionActivityRepository(await openOn(test));
  });
  afterAll(() => test.drop());

  it('is noted in place, without a write to any index', async () => {
    const user = randomUUID();
    await test.pool.query(
      `INSERT INTO auth.users (id, tenant_id, email, email_key, username, username_key, display_name)
       VALUES ($1, 'default', 'a', 'a', 'a', 'a', 'a')`,
      [user],
    );
    const { rows: sessions } = await test.pool.query<{ id: string }>(
      `INSERT INTO auth.sessions (id, tenant_id, user_id, ip, device, last_used_at, expires_at)
       SELECT gen_random_uuid(), 'default', $1, '::1', 'a device', now() - interval '1 hour', now() + interval '9 days'
       FROM generate_series(1, 1000) RETURNING id`,
      [user],
    );
    // As they are used: some here, some there.
    const used = sessions.filter((_, n) => n % 10 === 0).map(({ id }) => id);
    await activity.noteActivity(used);
    await eventually(async () => {
      await test.pool.query('SELECT pg_stat_force_next_flush()');
      const { rows } = await test.pool.query(
        `SELECT n_tup_upd::int AS noted, n_tup_hot_upd::int AS "inPlace" FROM pg_stat_user_tables
         WHERE relid = 'auth.sessions'::regclass`,
      );
      expect(rows).toEqual([{ noted: 100, inPlace: 100 }]);
    });
    expect(await activity.countActive()).toEqual({ last5m: 1, last24h: 1 });
  });
});
