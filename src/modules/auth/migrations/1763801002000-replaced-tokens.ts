import type { MigrationInterface, QueryRunner } from 'typeorm';
import { buildIndex } from '../../../platform/database/build-index.js';

/** Refresh tokens that were replaced long ago are found by it, to be forgotten. */
export class ReplacedTokens1763801002000 implements MigrationInterface {
  // An index that is built beside running writes cannot be built within a transaction.
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await buildIndex(
      runner,
      'auth.refresh_tokens_replaced',
      'auth.refresh_tokens (replaced_at) WHERE replaced_at IS NOT NULL',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX auth.refresh_tokens_replaced');
  }
}
