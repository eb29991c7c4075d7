import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Outbox, event log, consumers, idempotency: what every module stands on. */
export class Platform1763600000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE SCHEMA platform;

      -- Events as their transactions left them; the relay empties it within milliseconds.
      CREATE TABLE platform.outbox (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        tenant_id text NOT NULL,
        type text NOT NULL,
        channels text[] NOT NULL,
        data json NOT NULL,
        trace text,
        at timestamptz NOT NULL DEFAULT clock_timestamp()
      ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

      CREATE TABLE platform.event_log (
        position bigint PRIMARY KEY,
        tenant_id text NOT NULL,
        type text NOT NULL,
        channels text[] NOT NULL,
        data json NOT NULL,
        trace text,
        at timestamptz NOT NULL
      );
      -- Events arrive in order of time, so a block range index finds the old ones at no cost a write.
      CREATE INDEX event_log_at ON platform.event_log USING brin (at);

      CREATE TABLE platform.event_log_head (
        only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
        epoch uuid NOT NULL DEFAULT gen_random_uuid(),
        position bigint NOT NULL DEFAULT 0,
        pruned_to bigint NOT NULL DEFAULT 0
      ) WITH (fillfactor = 50);
      INSERT INTO platform.event_log_head DEFAULT VALUES;

      CREATE TABLE platform.consumers (
        name text PRIMARY KEY,
        position bigint NOT NULL
      );

      CREATE TABLE platform.idempotency (
        id bytea PRIMARY KEY,
        fingerprint bytea NOT NULL,
        answer bytea NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE INDEX idempotency_created_at ON platform.idempotency USING brin (created_at);

      -- Secrets that all instances share and no operator has to know.
      CREATE TABLE platform.secrets (
        name text PRIMARY KEY,
        value bytea NOT NULL
      );
      INSERT INTO platform.secrets (name, value)
      VALUES ('cursor', uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP SCHEMA platform CASCADE');
  }
}
