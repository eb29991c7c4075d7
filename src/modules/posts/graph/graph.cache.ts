import type { Tx } from '../../../platform/database/transaction.js';
import type { FeedCache } from '../feed/feed.cache.js';
import { GraphRepository } from './graph.repository.js';

/** The graph, whose changes forget the follower's cached feed, also when they change nothing: the
 * process that made the change may have died before it forgot. */
export class CachedGraphRepository extends GraphRepository {
  constructor(
    private readonly inner: GraphRepository,
    private readonly feeds: FeedCache,
  ) {
    super();
  }

  async follow(tx: Tx, tenantId: string, followerId: string, authorId: string): Promise<boolean> {
    await this.feeds.forget(tenantId, [followerId], tx);
    return this.inner.follow(tx, tenantId, followerId, authorId);
  }

  async unfollow(tx: Tx, tenantId: string, followerId: string, authorId: string): Promise<boolean> {
    await this.feeds.forget(tenantId, [followerId], tx);
    return this.inner.unfollow(tx, tenantId, followerId, authorId);
  }

  follows(tenantId: string, followerId: string, authorId: string): Promise<boolean> {
    return this.inner.follows(tenantId, followerId, authorId);
  }

  followedAuthors(tenantId: string, followerId: string, limit: number): Promise<string[]> {
    return this.inner.followedAuthors(tenantId, followerId, limit);
  }

  countFollowing(tx: Tx, tenantId: string, followerId: string): Promise<number> {
    return this.inner.countFollowing(tx, tenantId, followerId);
  }
}
