import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the nightly purge of deleted accounts looks for. */
export class Purges1763800002100 implements MigrationInterface {
  // An index that is built beside running writes cannot be built within a transaction.
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    // One that was killed while it was built is there and not valid: begin anew.
    await runner.query('DROP INDEX CONCURRENTLY IF EXISTS auth.users_deleted');
    await runner.query(
      'CREATE INDEX CONCURRENTLY users_deleted ON auth.users (deleted_at) WHERE deleted_at IS NOT NULL',
    );
    await runner.query('DROP INDEX CONCURRENTLY IF EXISTS auth.audit_log_actor');
    await runner.query(
      `CREATE INDEX CONCURRENTLY audit_log_actor ON auth.audit_log (actor_id)
       WHERE actor_id IS DISTINCT FROM subject_id`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX auth.users_deleted, auth.audit_log_actor');
  }
}
