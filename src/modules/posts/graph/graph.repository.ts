import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { statement } from '../../../platform/database/statement.js';
import type { Tx } from '../../../platform/database/transaction.js';

const follow = statement(
  'graph.follow',
  'INSERT INTO posts.follows (tenant_id, follower_id, author_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
);
const unfollow = statement(
  'graph.unfollow',
  'DELETE FROM posts.follows WHERE tenant_id = $1 AND follower_id = $2 AND author_id = $3',
);
const follows = statement(
  'graph.follows',
  'SELECT 1 FROM posts.follows WHERE tenant_id = $1 AND follower_id = $2 AND author_id = $3',
);
const followed = statement(
  'graph.followed',
  'SELECT author_id AS id FROM posts.follows WHERE tenant_id = $1 AND follower_id = $2 LIMIT $3',
);
const countFollowing = statement(
  'graph.countFollowing',
  'SELECT count(*)::int AS count FROM posts.follows WHERE tenant_id = $1 AND follower_id = $2',
);

/** Who follows whom. */
export abstract class GraphRepository {
  /** @returns whether it is new */
  abstract follow(tx: Tx, tenantId: string, followerId: string, authorId: string): Promise<boolean>;
  /** @returns whether it was there */
  abstract unfollow(
    tx: Tx,
    tenantId: string,
    followerId: string,
    authorId: string,
  ): Promise<boolean>;
  abstract follows(tenantId: string, followerId: string, authorId: string): Promise<boolean>;
  abstract followedAuthors(tenantId: string, followerId: string, limit: number): Promise<string[]>;
  abstract countFollowing(tx: Tx, tenantId: string, followerId: string): Promise<number>;
}

@Injectable()
export class PgGraphRepository extends GraphRepository {
  constructor(private readonly database: Database) {
    super();
  }

  async follow(tx: Tx, tenantId: string, followerId: string, authorId: string): Promise<boolean> {
    return (await tx.execute(follow, [tenantId, followerId, authorId])) === 1;
  }

  async unfollow(tx: Tx, tenantId: string, followerId: string, authorId: string): Promise<boolean> {
    return (await tx.execute(unfollow, [tenantId, followerId, authorId])) === 1;
  }

  async follows(tenantId: string, followerId: string, authorId: string): Promise<boolean> {
    return (await this.database.readFresh(follows, [tenantId, followerId, authorId])).length > 0;
  }

  async followedAuthors(tenantId: string, followerId: string, limit: number): Promise<string[]> {
    const rows = await this.database.readFresh<{ id: string }>(followed, [
      tenantId,
      followerId,
      limit,
    ]);
    return rows.map((row) => row.id);
  }

  async countFollowing(tx: Tx, tenantId: string, followerId: string): Promise<number> {
    return (
      (await tx.query<{ count: number }>(countFollowing, [tenantId, followerId]))[0]?.count ?? 0
    );
  }
}
