import { Injectable } from '@nestjs/common';
import { Cursors } from '../../../platform/http/cursors.js';
import { toPage, type Page } from '../../../platform/http/page.js';
import type { Principal } from '../../../platform/security/principal.js';
import { HydratePosts } from '../posts/hydrate-posts.js';
import type { ListItem } from '../posts/post.schemas.js';
import { PostsRepository } from '../posts/posts.repository.js';
import { FeedRepository } from './feed.repository.js';

/** The caller's own and followed authors' posts, newest first: skeleton → hydrate → present. */
@Injectable()
export class GetFeed {
  constructor(
    private readonly feed: FeedRepository,
    private readonly posts: PostsRepository,
    private readonly hydrate: HydratePosts,
    private readonly cursors: Cursors,
  ) {}

  async execute(
    caller: Principal,
    query: { limit: number; cursor?: string | undefined },
  ): Promise<Page<ListItem>> {
    const { tenantId, userId } = caller;
    const list = `feed:${userId}`;
    const before = query.cursor === undefined ? undefined : this.cursors.decode(list, query.cursor);
    const ids = await this.feed.skeleton(tenantId, userId, before, query.limit + 1);
    const page = toPage(ids, query.limit, (id) => this.cursors.encode(list, id));
    const posts = await this.posts.findMany(tenantId, page.rows);
    return { items: await this.hydrate.execute(tenantId, posts), nextCursor: page.nextCursor };
  }
}
