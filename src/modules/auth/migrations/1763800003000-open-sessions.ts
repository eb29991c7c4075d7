import type { MigrationInterface, QueryRunner } from 'typeorm';
import { buildIndex } from '../../../platform/database/build-index.js';

/** The open sessions of an account are listed, counted and ended by it, however many it ever had. */
export class OpenSessions1763800003000 implements MigrationInterface {
  // An index that is built beside running writes cannot be built within a transaction.
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await buildIndex(
      runner,
      'auth.sessions_open',
      'auth.sessions (user_id, id) WHERE ended_at IS NULL',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX auth.sessions_open');
  }
}
