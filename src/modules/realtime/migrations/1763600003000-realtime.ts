import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Notifications. */
export class Realtime1763600003000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE SCHEMA realtime;

      CREATE TABLE realtime.notifications (
        id uuid PRIMARY KEY,
        tenant_id text NOT NULL,
        user_id uuid NOT NULL,
        type text NOT NULL CHECK (type IN ('follow', 'like', 'comment', 'mention')),
        actor_id uuid NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        read_at timestamptz
      );
      CREATE INDEX notifications_user ON realtime.notifications (tenant_id, user_id, id DESC);
      CREATE INDEX notifications_unread ON realtime.notifications (tenant_id, user_id, id DESC) WHERE read_at IS NULL;
      -- Following, leaving and following again is told once.
      CREATE UNIQUE INDEX notifications_follow_once ON realtime.notifications (user_id, actor_id) WHERE type = 'follow';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP SCHEMA realtime CASCADE');
  }
}
