import { Inject, Injectable } from '@nestjs/common';
import type { Cache } from '../../../platform/cache/cache.js';
import { Caches } from '../../../platform/cache/caches.js';
import type { Tx } from '../../../platform/database/transaction.js';
import type { Flags } from '../../../platform/flags/flags.js';
import { postsFlags } from '../posts.flags.js';
import { postsConfig, type PostsConfig } from '../posts.config.js';
import type { PostSummary } from '../posts/post.js';
import type { PostsRepository } from '../posts/posts.repository.js';
import { FeedRepository, type Skeleton } from './feed.repository.js';
import type { LatestPosts } from './latest-posts.cache.js';

/** The ids of the longest first page, and one more that tells whether there is a next one. */
const SKELETON = 101;
/** Checking more authors, and carrying their ids, would cost more than the query it saves. */
const MAX_AUTHORS = 1000;

/** A cached skeleton. Its ids are one text each: an array of them takes ten times as long to read. */
interface KeptFeed {
  ids: string;
  authors: string;
  /** The log's position when the database was asked: what came later is not in it. */
  position: number;
}

/**
 * The newest ids of each user's feed, in Redis only: every instance sees the same. A post of a
 * followed author is noticed when the feed is read (`latest-posts.cache.ts`); what the users do themselves
 * forgets their feed at once: their own posts, follows and unfollows.
 */
@Injectable()
export class FeedCache {
  private readonly feeds: Cache<KeptFeed>;

  constructor(caches: Caches, @Inject(postsConfig.KEY) config: PostsConfig) {
    this.feeds = caches.create({
      name: 'feed',
      version: 1,
      ttlSeconds: config.feedCacheSeconds,
      inMemory: false,
    });
  }

  get isOff(): boolean {
    return this.feeds.isOff;
  }

  async get(
    tenantId: string,
    userId: string,
  ): Promise<(Skeleton & { position: number }) | undefined> {
    const kept = await this.feeds.get(keyOf(tenantId, userId));
    return kept && { ids: split(kept.ids), authors: split(kept.authors), position: kept.position };
  }

  async put(tenantId: string, userId: string, feed: Skeleton, position: number): Promise<void> {
    if (feed.authors.length > MAX_AUTHORS) return;
    const kept = { ids: feed.ids.join(' '), authors: feed.authors.join(' '), position };
    await this.feeds.put(keyOf(tenantId, userId), kept);
  }

  /** The user's own doing has changed what is in the feed. */
  forget(tenantId: string, userIds: readonly string[], tx: Tx): Promise<void> {
    return this.feeds.invalidate(
      userIds.map((userId) => keyOf(tenantId, userId)),
      tx,
    );
  }
}

/** First pages by their cached ids, the posts by one look into the cache of posts; else the database. */
export class CachedFeedRepository extends FeedRepository {
  constructor(
    private readonly inner: FeedRepository,
    private readonly feeds: FeedCache,
    private readonly latest: LatestPosts,
    private readonly posts: PostsRepository,
    private readonly flags: Flags,
  ) {
    super();
  }

  async page(
    tenantId: string,
    userId: string,
    before: string | undefined,
    limit: number,
  ): Promise<PostSummary[]> {
    const isFirst = before === undefined && limit <= SKELETON;
    const mayUse = this.flags.isOn(postsFlags.feedCache, { tenantId, userId });
    if (this.feeds.isOff || !isFirst || !mayUse)
      return this.inner.page(tenantId, userId, before, limit);
    const ids = await this.firstIds(tenantId, userId);
    const posts = await this.posts.findMany(tenantId, ids.slice(0, limit));
    const seen = ids.slice(0, limit).flatMap((id) => {
      const post = posts.get(id);
      // It may have been hidden since its id was kept.
      return post && (post.visibility !== 'private' || post.authorId === userId) ? [post] : [];
    });
    // With a hole in it the page must be filled from behind, which the database does best.
    const whole = seen.length === Math.min(limit, ids.length);
    return whole ? seen : this.inner.page(tenantId, userId, before, limit);
  }

  skeleton(tenantId: string, userId: string, limit: number): Promise<Skeleton> {
    return this.inner.skeleton(tenantId, userId, limit);
  }

  private async firstIds(tenantId: string, userId: string): Promise<readonly string[]> {
    const kept = await this.feeds.get(tenantId, userId);
    if (kept && this.latest.noneSince(kept.position, kept.authors)) return kept.ids;
    const { position } = this.latest;
    const feed = await this.inner.skeleton(tenantId, userId, SKELETON);
    await this.feeds.put(tenantId, userId, feed, position);
    return feed.ids;
  }
}

const keyOf = (tenantId: string, userId: string): string => `${tenantId}/${userId}`;
const split = (ids: string): string[] => (ids === '' ? [] : ids.split(' '));
