import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { QueryRunner } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { UsernameSkeletons1763800002000 } from '../../src/modules/auth/migrations/1763800002000-username-skeletons.js';
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
       VALUES ($1, $2, $3, $3, $4, lower($4), $4, now() - make_interval(days => $5))`,
      [uuidv7(), tenant, `${username}@example.com`, username, daysAgo],
    );
  const migrate = async (): Promise<void> => {
    const query = async (text: string, values?: unknown[]): Promise<unknown> =>
      (await test.pool.query(text, values)).rows;
    await new UsernameSkeletons1763800002000().up({ query } as QueryRunner);
  };
  const skeletons = async () => {
    const { rows } = await test.pool.query(
      'SELECT username, tenant_id AS tenant, username_skeleton AS skeleton FROM auth.users ORDER BY created_at',
    );
    return rows as unknown[];
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
});
