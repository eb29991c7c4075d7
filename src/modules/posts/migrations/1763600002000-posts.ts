import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Posts and the follow graph. Authors are ids of another module: no key crosses the schemas. */
export class Posts1763600002000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE SCHEMA posts;

      CREATE TABLE posts.posts (
        id uuid PRIMARY KEY,
        tenant_id text NOT NULL,
        author_id uuid NOT NULL,
        title text,
        body text NOT NULL,
        kind text NOT NULL,
        language text,
        category text,
        tags text[] NOT NULL,
        visibility text NOT NULL CHECK (visibility IN ('public', 'followers', 'private')),
        likes integer NOT NULL DEFAULT 0,
        comments integer NOT NULL DEFAULT 0,
        views integer NOT NULL DEFAULT 0,
        bookmarks integer NOT NULL DEFAULT 0,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        edited_at timestamptz
      );
      -- Ids are UUIDv7: their order is the order of time, so lists and feeds need no other index.
      -- With the visibility in it, a feed finds its ids without touching the table.
      CREATE INDEX posts_author ON posts.posts (tenant_id, author_id, id DESC) INCLUDE (visibility);
      CREATE INDEX posts_newest ON posts.posts (tenant_id, id DESC) WHERE visibility = 'public';

      CREATE TABLE posts.follows (
        tenant_id text NOT NULL,
        follower_id uuid NOT NULL,
        author_id uuid NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, follower_id, author_id)
      );
      CREATE INDEX follows_author ON posts.follows (tenant_id, author_id, follower_id);

      CREATE TABLE posts.author_counts (
        author_id uuid PRIMARY KEY,
        posts integer NOT NULL DEFAULT 0,
        followers integer NOT NULL DEFAULT 0,
        following integer NOT NULL DEFAULT 0
      ) WITH (fillfactor = 70);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP SCHEMA posts CASCADE');
  }
}
