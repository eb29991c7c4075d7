import { Injectable } from '@nestjs/common';
import type { Cache } from '../../../platform/cache/cache.js';
import type { Caches } from '../../../platform/cache/caches.js';
import { HotKeys } from '../../../platform/cache/hot-keys.js';
import type { Tx } from '../../../platform/database/transaction.js';
import type { FeedCache } from '../feed/feed.cache.js';
import type { PostsConfig } from '../posts.config.js';
import { MostViewed } from './most-viewed.js';
import type { Post, PostSummary } from './post.js';
import { PostsRepository } from './posts.repository.js';

const CACHE = 'post';

/**
 * Posts by id, cached whole: a post on its own and the posts of a feed come from here. Lists read
 * the database. A write that changes a post must forget it, in this file. A new post forgets its
 * author's own feed.
 */
export class CachedPostsRepository extends PostsRepository {
  private readonly posts: Cache<Post>;

  constructor(
    private readonly inner: PostsRepository,
    private readonly feeds: FeedCache,
    private readonly hot: HotKeys,
    caches: Caches,
    config: PostsConfig,
  ) {
    super();
    this.posts = caches.create<Post>({
      name: CACHE,
      version: 1,
      ttlSeconds: config.postCacheSeconds,
      revive: withDates,
    });
  }

  async find(tenantId: string, id: string): Promise<Post | undefined> {
    const key = keyOf(tenantId, id);
    this.hot.note(CACHE, key);
    return this.posts.getOrLoad(key, () => this.inner.find(tenantId, id));
  }

  async findMany(tenantId: string, ids: readonly string[]): Promise<Map<string, Post>> {
    const keys = ids.map((id) => keyOf(tenantId, id));
    const posts = await this.posts.getOrLoadMany(keys, async (missing) => {
      const loaded = await this.inner.findMany(tenantId, missing.map(idOf));
      return new Map([...loaded].map(([id, post]) => [keyOf(tenantId, id), post]));
    });
    return new Map(posts.flatMap((post) => (post ? [[post.id, post]] : [])));
  }

  async insert(tx: Tx, posts: readonly Post[]): Promise<void> {
    for (const [tenantId, written] of Map.groupBy(posts, (post) => post.tenantId)) {
      const authors = new Set(written.map((post) => post.authorId));
      await this.feeds.forget(tenantId, [...authors], tx);
    }
    await this.inner.insert(tx, posts);
  }

  async removeByAuthor(
    tx: Tx,
    tenantId: string,
    authorId: string,
    limit: number,
  ): Promise<string[]> {
    const ids = await this.inner.removeByAuthor(tx, tenantId, authorId, limit);
    await this.posts.invalidate(
      ids.map((id) => keyOf(tenantId, id)),
      tx,
    );
    return ids;
  }

  listPublic(tenantId: string, before: string | undefined, limit: number): Promise<PostSummary[]> {
    return this.inner.listPublic(tenantId, before, limit);
  }

  listByAuthor(
    tenantId: string,
    authorId: string,
    visibilities: readonly string[],
    before: string | undefined,
    limit: number,
  ): Promise<PostSummary[]> {
    return this.inner.listByAuthor(tenantId, authorId, visibilities, before, limit);
  }
}

/** The ranking of the posts that were read on their own. */
@Injectable()
export class CountedViews extends MostViewed {
  constructor(private readonly hot: HotKeys) {
    super();
  }

  async top(limit: number): Promise<Map<string, string[]>> {
    const keys = await this.hot.top(CACHE, limit);
    const byTenant = Map.groupBy(keys, (key) => key.slice(0, key.lastIndexOf('/')));
    return new Map([...byTenant].map(([tenantId, own]) => [tenantId, own.map(idOf)]));
  }
}

/** The tenant is part of the key: what one tenant is told does not exist may exist in another. */
const keyOf = (tenantId: string, id: string): string => `${tenantId}/${id}`;
const idOf = (key: string): string => key.slice(key.lastIndexOf('/') + 1);

/** JSON has no dates. */
function withDates(post: Post): Post {
  return {
    ...post,
    createdAt: new Date(post.createdAt),
    updatedAt: new Date(post.updatedAt),
    editedAt: post.editedAt && new Date(post.editedAt),
  };
}
