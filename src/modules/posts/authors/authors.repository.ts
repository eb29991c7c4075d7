import { Injectable } from '@nestjs/common';
import { statement } from '../../../platform/database/statement.js';
import type { Tx } from '../../../platform/database/transaction.js';

const hide = statement(
  'authors.hide',
  'INSERT INTO posts.hidden_authors (author_id) VALUES ($1) ON CONFLICT DO NOTHING',
);
const show = statement('authors.show', 'DELETE FROM posts.hidden_authors WHERE author_id = $1');
const removeFollows = statement(
  'authors.removeFollows',
  `DELETE FROM posts.follows f USING (
     (SELECT tenant_id, follower_id, author_id FROM posts.follows WHERE tenant_id = $1 AND follower_id = $2 LIMIT $3)
     UNION
     (SELECT tenant_id, follower_id, author_id FROM posts.follows WHERE tenant_id = $1 AND author_id = $2 LIMIT $3)
   ) gone
   WHERE f.tenant_id = gone.tenant_id AND f.follower_id = gone.follower_id AND f.author_id = gone.author_id
   RETURNING f.follower_id AS "followerId", f.author_id AS "authorId"`,
);

/** Who followed whom. */
export interface Follow {
  followerId: string;
  authorId: string;
}

/** Authors whose accounts were deleted, and what there is of them. */
export abstract class AuthorsRepository {
  /** From now on lists pass over their posts. */
  abstract hide(tx: Tx, authorId: string): Promise<void>;
  abstract show(tx: Tx, authorId: string): Promise<void>;
  /** Removes follows of and by the author. @returns those, at most `limit` of each; none when there are none left */
  abstract removeFollows(
    tx: Tx,
    tenantId: string,
    authorId: string,
    limit: number,
  ): Promise<Follow[]>;
}

@Injectable()
export class PgAuthorsRepository extends AuthorsRepository {
  async hide(tx: Tx, authorId: string): Promise<void> {
    await tx.execute(hide, [authorId]);
  }

  async show(tx: Tx, authorId: string): Promise<void> {
    await tx.execute(show, [authorId]);
  }

  removeFollows(tx: Tx, tenantId: string, authorId: string, limit: number): Promise<Follow[]> {
    return tx.query<Follow & Record<string, unknown>>(removeFollows, [tenantId, authorId, limit]);
  }
}
