import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Authors whose accounts were deleted: few, and looked up by every list. */
export class HiddenAuthors1763800002200 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE posts.hidden_authors (
        author_id uuid PRIMARY KEY,
        hidden_at timestamptz NOT NULL DEFAULT now()
      )
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE posts.hidden_authors');
  }
}
