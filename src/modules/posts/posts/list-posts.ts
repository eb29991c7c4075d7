import { Injectable } from '@nestjs/common';
import { Cursors } from '../../../platform/http/cursors.js';
import { toPage, type Page } from '../../../platform/http/page.js';
import type { Viewer } from '../../../platform/security/caller.js';
import { AuthApi } from '../../auth/auth.contract.js';
import { GraphRepository } from '../graph/graph.repository.js';
import { HydratePosts } from './hydrate-posts.js';
import type { ListItem } from './post.schemas.js';
import { PostsRepository } from './posts.repository.js';

export interface ListQuery {
  author?: string | undefined;
  limit: number;
  cursor?: string | undefined;
}

/** Posts of the tenant or of one author, newest first. */
@Injectable()
export class ListPosts {
  constructor(
    private readonly posts: PostsRepository,
    private readonly graph: GraphRepository,
    private readonly hydrate: HydratePosts,
    private readonly auth: AuthApi,
    private readonly cursors: Cursors,
  ) {}

  async execute(viewer: Viewer, { author, limit, cursor }: ListQuery): Promise<Page<ListItem>> {
    const list = `posts:${viewer.tenantId}:${author ?? ''}`;
    const before = cursor === undefined ? undefined : this.cursors.decode(list, cursor);
    const posts = await this.read(viewer, author, before, limit + 1);
    const page = toPage(posts, limit, (post) => this.cursors.encode(list, post.id));
    return {
      items: await this.hydrate.execute(viewer.tenantId, page.rows),
      nextCursor: page.nextCursor,
    };
  }

  private async read(
    viewer: Viewer,
    author: string | undefined,
    before: string | undefined,
    limit: number,
  ) {
    if (author === undefined) return this.posts.listPublic(viewer.tenantId, before, limit);
    const profile = await this.auth.profileByUsername(viewer.tenantId, author);
    if (!profile) return [];
    const visible = await this.visibleTo(viewer, profile.id);
    return this.posts.listByAuthor(viewer.tenantId, profile.id, visible, before, limit);
  }

  private async visibleTo(viewer: Viewer, authorId: string): Promise<string[]> {
    if (viewer.userId === authorId) return ['public', 'followers', 'private'];
    const follows =
      viewer.userId && (await this.graph.follows(viewer.tenantId, viewer.userId, authorId));
    return follows ? ['public', 'followers'] : ['public'];
  }
}
