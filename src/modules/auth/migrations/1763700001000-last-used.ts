import type { MigrationInterface, QueryRunner } from 'typeorm';
import { buildIndex } from '../../../platform/database/build-index.js';

/** The users of the last minutes are counted twice a minute: by an index, not by a scan of all sessions. */
export class LastUsed1763700001000 implements MigrationInterface {
  // An index that is built beside running writes cannot be built within a transaction.
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await buildIndex(runner, 'auth.sessions_last_used', 'auth.sessions (last_used_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX auth.sessions_last_used');
  }
}
