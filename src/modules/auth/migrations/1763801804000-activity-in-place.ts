import type { MigrationInterface, QueryRunner } from 'typeorm';
import { buildIndex } from '../../../platform/database/build-index.js';

/**
 * That a session is in use is noted every minute: with an index on the time, each note wrote a row anew and all
 * of its indexes. Without one, and with some room in every page, it is changed in place (HOT).
 *
 * Measured with 200,000 users and 400,000 sessions, 40 % of them used in the last day. 1000 notes: 7,021 records
 * of WAL and none in place, then 1,002 and all of them; full pages get their room with time (72 % of the first
 * 76,000). The index was for two gauges, once a minute: 377 ms by it, 250 ms by reading the table, most of whose
 * pages have a session of the last day on them (with 5 % of them used: 49 and 92 ms). A BRIN index was not
 * chosen, for the same reason; a table of its own makes the gauges 465 ms.
 */
export class ActivityInPlace1763801804000 implements MigrationInterface {
  // An index cannot be dropped beside running statements within a transaction.
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE auth.sessions SET (fillfactor = 80)');
    await runner.query('DROP INDEX CONCURRENTLY IF EXISTS auth.sessions_last_used');
  }

  async down(runner: QueryRunner): Promise<void> {
    await buildIndex(runner, 'auth.sessions_last_used', 'auth.sessions (last_used_at)');
    await runner.query('ALTER TABLE auth.sessions RESET (fillfactor)');
  }
}
