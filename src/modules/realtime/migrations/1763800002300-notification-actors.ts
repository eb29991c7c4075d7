import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Notifications about somebody are found when that account is gone for good. */
export class NotificationActors1763800002300 implements MigrationInterface {
  // An index that is built beside running writes cannot be built within a transaction.
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    // One that was killed while it was built is there and not valid: begin anew.
    await runner.query('DROP INDEX CONCURRENTLY IF EXISTS realtime.notifications_actor');
    await runner.query(
      'CREATE INDEX CONCURRENTLY notifications_actor ON realtime.notifications (actor_id)',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX realtime.notifications_actor');
  }
}
