import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { statement } from '../../../platform/database/statement.js';

/**
 * The newest posts of each author, merged: one index probe an author, however many posts they have.
 * Own posts are in it whatever their visibility, those of others unless they are private.
 */
const skeleton = statement(
  'feed.skeleton',
  `SELECT post.id
   FROM (SELECT author_id FROM posts.follows WHERE tenant_id = $1 AND follower_id = $2 UNION ALL SELECT $2::uuid) AS a
   CROSS JOIN LATERAL (
     SELECT p.id FROM posts.posts p
     WHERE p.tenant_id = $1 AND p.author_id = a.author_id AND p.id < $3
       AND (p.visibility <> 'private' OR a.author_id = $2)
     ORDER BY p.id DESC LIMIT $4
   ) AS post
   ORDER BY post.id DESC LIMIT $4`,
);

/** Sorts after every id: where a feed begins. */
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** Which posts are in a feed. */
export abstract class FeedRepository {
  /** Ids of own and followed authors' posts before an id, newest first. */
  abstract skeleton(
    tenantId: string,
    userId: string,
    before: string | undefined,
    limit: number,
  ): Promise<string[]>;
}

@Injectable()
export class PgFeedRepository extends FeedRepository {
  constructor(private readonly database: Database) {
    super();
  }

  async skeleton(
    tenantId: string,
    userId: string,
    before: string | undefined,
    limit: number,
  ): Promise<string[]> {
    const rows = await this.database.query<{ id: string }>(skeleton, [
      tenantId,
      userId,
      before ?? LAST_ID,
      limit,
    ]);
    return rows.map((row) => row.id);
  }
}
