import type { MigrationInterface, QueryRunner } from 'typeorm';
import { buildIndex } from '../../../platform/database/build-index.js';

/** What the nightly purge of deleted accounts looks for. */
export class Purges1763800002100 implements MigrationInterface {
  // An index that is built beside running writes cannot be built within a transaction.
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await buildIndex(
      runner,
      'auth.users_deleted',
      'auth.users (deleted_at) WHERE deleted_at IS NOT NULL',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX auth.users_deleted');
  }
}
