import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The address that an account asked for last: links to any other that it asked for are worth nothing. */
export class WantedEmails1763801003000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE auth.users ADD wanted_email text');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE auth.users DROP wanted_email');
  }
}
