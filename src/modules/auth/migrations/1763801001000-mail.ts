import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which mail an account was last sent, so that nobody is flooded with them. */
export class Mail1763801001000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE auth.mail_pace (
        user_id uuid NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
        template text NOT NULL,
        -- A job that is tried again is no second mail.
        job text NOT NULL,
        sent_at timestamptz NOT NULL,
        PRIMARY KEY (user_id, template)
      ) WITH (fillfactor = 70);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE auth.mail_pace');
  }
}
