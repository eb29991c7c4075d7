import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The users of the last minutes are counted twice a minute: by an index, not by a scan of all sessions. */
export class LastUsed1763700001000 implements MigrationInterface {
  // An index that is built beside running writes cannot be built within a transaction.
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    // One that was killed while it was built is there and not valid: begin anew.
    await runner.query('DROP INDEX CONCURRENTLY IF EXISTS auth.sessions_last_used');
    await runner.query(
      'CREATE INDEX CONCURRENTLY sessions_last_used ON auth.sessions (last_used_at)',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX auth.sessions_last_used');
  }
}
