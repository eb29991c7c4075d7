import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LastUsed1763700001000 } from '../../src/modules/auth/migrations/1763700001000-last-used.js';
import { createDataSource } from '../../src/platform/database/data-source.js';
import { databaseConfig } from '../../src/platform/database/database.config.js';
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
          `SELECT indisvalid FROM pg_index WHERE indexrelid = 'auth.sessions_last_used'::regclass`,
        )
      ).rows[0].indisvalid;
    await test.pool.query(
      `UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'auth.sessions_last_used'::regclass`,
    );
    expect(await isValid()).toBe(false);
    const source = await createDataSource(
      databaseConfig.schema.parse({ url: test.url }),
    ).initialize();
    const runner = source.createQueryRunner();
    await new LastUsed1763700001000().up(runner);
    await runner.release();
    await source.destroy();
    expect(await isValid()).toBe(true);
  });
});
