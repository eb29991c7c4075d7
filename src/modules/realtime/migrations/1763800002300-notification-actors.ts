import type { MigrationInterface, QueryRunner } from 'typeorm';
import { buildIndex } from '../../../platform/database/build-index.js';

/** Notifications about somebody are found when that account is gone for good. */
export class NotificationActors1763800002300 implements MigrationInterface {
  // An index that is built beside running writes cannot be built within a transaction.
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await buildIndex(runner, 'realtime.notifications_actor', 'realtime.notifications (actor_id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX realtime.notifications_actor');
  }
}
