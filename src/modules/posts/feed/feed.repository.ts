import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { statement } from '../../../platform/database/statement.js';
import { SUMMARY, type PostSummary } from '../posts/post.js';

/**
 * The newest posts of each author, merged: one index probe an author, however many posts they have.
 * Own posts are in it whatever their visibility, those of others unless they are private. The ids
 * are found first and only the rows of the page are read, in the same round trip.
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
     ORDER BY post.id DESC LIMIT $4
   )
   SELECT ${SUMMARY} FROM skeleton JOIN posts.posts p ON p.id = skeleton.id ORDER BY p.id DESC`,
);

/** Sorts after every id: where a feed begins. */
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** What is in a feed. */
export abstract class FeedRepository {
  /** Own and followed authors' posts before an id, newest first. */
  abstract page(
    tenantId: string,
    userId: string,
    before: string | undefined,
    limit: number,
  ): Promise<PostSummary[]>;
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
    return this.database.query<PostSummary & Record<string, unknown>>(page, [
      tenantId,
      userId,
      before ?? LAST_ID,
      limit,
    ]);
  }
}
