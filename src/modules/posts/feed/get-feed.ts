import { Injectable } from '@nestjs/common';
import { Cursors } from '../../../platform/http/cursors.js';
import { toPage, type Page } from '../../../platform/http/page.js';
import type { Principal } from '../../../platform/security/principal.js';
import { HydratePosts } from '../posts/hydrate-posts.js';
import type { ListItem } from '../posts/post.schemas.js';
import { FeedRepository } from './feed.repository.js';

/** The caller's own and followed authors' posts, newest first: page → authors → present. */
@Injectable()
export class GetFeed {
  constructor(
    private readonly feed: FeedRepository,
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
    const posts = await this.feed.page(tenantId, userId, before, query.limit + 1);
    const page = toPage(posts, query.limit, (post) => this.cursors.encode(list, post.id));
    return { items: await this.hydrate.execute(tenantId, page.rows), nextCursor: page.nextCursor };
  }
}
