import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { QueryRunner } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { UsernameSkeletons1763800002000 } from '../../src/modules/auth/migrations/1763800002000-username-skeletons.js';
import { FillSkeletons } from '../../src/modules/auth/accounts/fill-skeletons.js';
import { usernameSkeleton } from '../../src/modules/auth/accounts/username-skeleton.js';
import { PgSkeletonsRepository } from '../../src/modules/auth/accounts/skeletons.repository.js';
import { byTheClock, openOn } from './support.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

describe('names of accounts that are there already', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await createDatabase();
    await test.pool.query(`INSERT INTO auth.tenants (id, name) VALUES ('acme', 'Acme')`);
  });
  afterAll(() => test.drop());

  const insert = (username: string, daysAgo: number, tenant = 'default') =>
    test.pool.query(
      `INSERT INTO auth.users (id, tenant_id, email, email_key, username, username_key, display_name, created_at)
       VALUES ($1::uuid, $2, $3, $3, $4, lower($4) || md5($1::uuid::text), $4, now() - make_interval(secs => $5::float8 * 86400))`,
      [
        uuidv7({ msecs: Date.now() - daysAgo * 86_400_000 }),
        tenant,
        `${username}@example.com`,
        username,
        daysAgo,
      ],
    );
  const migrate = async (before?: (text: string) => Promise<void>): Promise<void> => {
    const query = async (text: string, values?: unknown[]): Promise<unknown> => {
      await before?.(text);
      return (await test.pool.query(text, values)).rows;
    };
    await new UsernameSkeletons1763800002000().up({ query } as QueryRunner);
  };
  const skeletons = async () => {
    const { rows } = await test.pool.query(
      'SELECT username, tenant_id AS tenant, username_skeleton AS skeleton FROM auth.users ORDER BY created_at',
    );
    return rows as { username: string; tenant: string; skeleton: string | null }[];
  };

  it('I5 are given their skeletons; of two that look the same the older one has it', async () => {
    await test.pool.query('DROP INDEX auth.users_skeleton');
    await insert('paypal', 1);
    await insert('pаypal', 3); // Cyrillic, and older
    await insert('PAYPAI', 2);
    await insert('paypal', 4, 'acme');
    await insert('ada', 5);
    const expected = [
      { username: 'ada', tenant: 'default', skeleton: 'ada' },
      { username: 'paypal', tenant: 'acme', skeleton: 'paypal' },
      { username: 'pаypal', tenant: 'default', skeleton: 'paypal' },
      { username: 'PAYPAI', tenant: 'default', skeleton: null },
      { username: 'paypal', tenant: 'default', skeleton: null },
    ];
    await migrate();
    expect(await skeletons()).toEqual(expected);

    await test.pool.query(
      `UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'auth.users_skeleton'::regclass`,
    );
    await migrate(); // it was killed while the index was built
    expect(await skeletons()).toEqual(expected);
    const { rows } = await test.pool.query(
      `SELECT indisvalid FROM pg_index WHERE indexrelid = 'auth.users_skeleton'::regclass`,
    );
    expect(rows).toEqual([{ indisvalid: true }]);
  });

  it('are given them also when somebody registers a name that looks like another while the index is built', async () => {
    await test.pool.query('TRUNCATE auth.users CASCADE');
    await insert('grace', 2);
    let registrations = 0;
    await migrate(async (text) => {
      if (!text.startsWith('CREATE UNIQUE INDEX') || registrations++ > 0) return;
      await insert('GRACE', 0);
      await test.pool.query(`UPDATE auth.users SET username_skeleton = 'grace'`);
    });
    expect(await skeletons()).toEqual([
      { username: 'grace', tenant: 'default', skeleton: 'grace' },
      { username: 'GRACE', tenant: 'default', skeleton: null },
    ]);
  });

  it('that the version before has made since are given theirs every hour, where no other has it', async () => {
    await test.pool.query('TRUNCATE auth.users CASCADE');
    const { jobs, run } = byTheClock();
    const repository = new PgSkeletonsRepository(await openOn(test));
    await new FillSkeletons(jobs, repository).onApplicationBootstrap();
    await insert('linus', 40); // an update that was taken back, and came again
    await insert('hedy', 1.5);
    await insert('hеdy', 1.2); // Cyrillic
    await insert('hedy', 1.1, 'acme');
    await insert('irene', 0.5);
    for (let n = 0; n < 600; n++) await insert(`many${n}.${n}`, 0.4);
    await insert('HEDY', 0.3);
    await test.pool.query(
      `UPDATE auth.users SET username_skeleton = 'lrene' WHERE username = 'irene'`,
    );
    await insert('irenе', 0.1); // Cyrillic
    for (let n = 0; n < 2; n++) await run();
    const named = (await skeletons()).filter(({ username }) => !username.startsWith('many'));
    expect(named.map(({ username, skeleton }) => [username, skeleton])).toEqual([
      ['linus', 'llnus'],
      ['hedy', 'hedy'],
      ['hеdy', expect.stringMatching(/^lookalike [0-9a-f-]{36}$/)],
      ['hedy', 'hedy'],
      ['irene', 'lrene'],
      ['HEDY', expect.stringMatching(/^lookalike /)],
      ['irenе', expect.stringMatching(/^lookalike /)],
    ]);
    const many = (await skeletons()).filter(({ username }) => username.startsWith('many'));
    for (const { username, skeleton } of many) expect(skeleton).toBe(usernameSkeleton(username));
    expect(await repository.missing(1000)).toEqual([]); // what was looked at is not looked at again
  });
});
