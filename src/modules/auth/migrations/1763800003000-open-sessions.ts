import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The open sessions of an account are listed, counted and ended by it, however many it ever had. */
export class OpenSessions1763800003000 implements MigrationInterface {
  // An index that is built beside running writes cannot be built within a transaction.
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    // One that was killed while it was built is there and not valid: begin anew.
    await runner.query('DROP INDEX CONCURRENTLY IF EXISTS auth.sessions_open');
    await runner.query(
      'CREATE INDEX CONCURRENTLY sessions_open ON auth.sessions (user_id, id) WHERE ended_at IS NULL',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX auth.sessions_open');
  }
}
