import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { OpenSessions1763800003000 } from '../../src/modules/auth/migrations/1763800003000-open-sessions.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

describe('an index that is built beside running writes', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await createDatabase();
  });
  afterAll(() => test.drop());

  it('M3 is built anew where its migration was killed before it was valid', async () => {
    const isValid = async () =>
      (
        await test.pool.query(
          `SELECT indisvalid FROM pg_index WHERE indexrelid = 'auth.sessions_open'::regclass`,
        )
      ).rows[0].indisvalid;
    await test.pool.query(
      `UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'auth.sessions_open'::regclass`,
    );
    expect(await isValid()).toBe(false);
    // A data source of its own, without the application's list of migrations: only this one is run.
    const source = await new DataSource({ type: 'postgres', url: test.url }).initialize();
    const runner = source.createQueryRunner();
    await new OpenSessions1763800003000().up(runner);
    await runner.release();
    await source.destroy();
    expect(await isValid()).toBe(true);
  });
});
