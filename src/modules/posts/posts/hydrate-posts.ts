import { Injectable } from '@nestjs/common';
import { AuthApi } from '../../auth/auth.contract.js';
import type { PostSummary } from './post.js';
import type { ListItem } from './post.schemas.js';
import { presentItem } from './present-post.js';

/** Gives posts their authors, in one batched and cached call; a post without an author is left out. */
@Injectable()
export class HydratePosts {
  constructor(private readonly auth: AuthApi) {}

  async execute(tenantId: string, posts: readonly PostSummary[]): Promise<ListItem[]> {
    const authors = await this.auth.profilesByIds(
      tenantId,
      posts.map((post) => post.authorId),
    );
    return posts.flatMap((post) => {
      const author = authors.get(post.authorId);
      return author ? [presentItem(post, author)] : [];
    });
  }
}
