import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { statement } from '../../../platform/database/statement.js';
import { SUMMARY, type PostSummary } from '../posts/post.js';

/**
 * The newest posts of each author, merged: one index probe an author, however many posts they have.
 * Own posts are in it whatever their visibility, those of others unless they are private. The ids
 * are found first and only the rows of the page are read, in the same round trip. Authors that were
 * deleted are passed over.
 */
const page = statement(
  'feed.page',
  `WITH skeleton AS MATERIALIZED (
     SELECT post.id
     FROM (SELECT author_id FROM posts.follows WHERE tenant_id = $1 AND follower_id = $2 UNION ALL SELECT $2::uuid) AS a
     CROSS JOIN LATERAL (
       SELECT p.id FROM posts.posts p
       WHERE p.tenant_id = $1 AND p.author_id = a.author_id AND p.id < $3
         AND (p.visibility <> 'private' OR a.author_id = $2)
       ORDER BY p.id DESC LIMIT $4
     ) AS post
     WHERE NOT EXISTS (SELECT FROM posts.hidden_authors h WHERE h.author_id = a.author_id)
     ORDER BY post.id DESC LIMIT $4
   )
   SELECT ${SUMMARY} FROM skeleton JOIN posts.posts p ON p.id = skeleton.id ORDER BY p.id DESC`,
);

/** The ids of a first page, and whose posts it is or could be made of; one index probe an author. */
const skeleton = statement(
  'feed.skeleton',
  `WITH authors AS MATERIALIZED (
     SELECT author_id FROM posts.follows WHERE tenant_id = $1 AND follower_id = $2 UNION ALL SELECT $2::uuid
   )
   SELECT ARRAY(SELECT author_id::text FROM authors) AS authors, ARRAY(
     SELECT post.id::text FROM authors AS a
     CROSS JOIN LATERAL (
       SELECT p.id FROM posts.posts p
       WHERE p.tenant_id = $1 AND p.author_id = a.author_id AND (p.visibility <> 'private' OR a.author_id = $2)
       ORDER BY p.id DESC LIMIT $3
     ) AS post
     WHERE NOT EXISTS (SELECT FROM posts.hidden_authors h WHERE h.author_id = a.author_id)
     ORDER BY post.id DESC LIMIT $3
   ) AS ids`,
);

/** Sorts after every id: where a feed begins. */
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** What a feed begins with, and whose posts can be in it. */
export interface Skeleton {
  ids: readonly string[];
  authors: readonly string[];
}

/** What is in a feed. */
export abstract class FeedRepository {
  /** Own and followed authors' posts before an id, newest first. */
  abstract page(
    tenantId: string,
    userId: string,
    before: string | undefined,
    limit: number,
  ): Promise<PostSummary[]>;
  /** The newest ids of the same, and the authors. As new as the last commit. */
  abstract skeleton(tenantId: string, userId: string, limit: number): Promise<Skeleton>;
}

@Injectable()
export class PgFeedRepository extends FeedRepository {
  constructor(private readonly database: Database) {
    super();
  }

  page(
    tenantId: string,
    userId: string,
    before: string | undefined,
    limit: number,
  ): Promise<PostSummary[]> {
    return this.database.read<PostSummary & Record<string, unknown>>(page, [
      tenantId,
      userId,
      before ?? LAST_ID,
      limit,
    ]);
  }

  async skeleton(tenantId: string, userId: string, limit: number): Promise<Skeleton> {
    const values = [tenantId, userId, limit];
    const [row] = await this.database.readFresh<Skeleton & Record<string, unknown>>(
      skeleton,
      values,
    );
    return row ?? { ids: [], authors: [] };
  }
}
