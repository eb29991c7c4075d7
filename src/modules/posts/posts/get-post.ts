import { Injectable } from '@nestjs/common';
import { platformErrors } from '../../../platform/errors/platform.errors.js';
import type { Viewer } from '../../../platform/security/caller.js';
import { AuthApi } from '../../auth/auth.contract.js';
import { GraphRepository } from '../graph/graph.repository.js';
import type { Post } from './post.js';
import type { PostDetail } from './post.schemas.js';
import { PostsRepository } from './posts.repository.js';
import { presentDetail } from './present-post.js';

/** One post, for whoever may see it. */
@Injectable()
export class GetPost {
  constructor(
    private readonly posts: PostsRepository,
    private readonly graph: GraphRepository,
    private readonly auth: AuthApi,
  ) {}

  /** @throws AppError `not_found`, also for posts that the viewer may not see */
  async execute(viewer: Viewer, id: string): Promise<PostDetail> {
    const post = await this.posts.find(viewer.tenantId, id);
    if (!post || !(await this.maySee(viewer, post))) throw platformErrors.not_found();
    const author = (await this.auth.profilesByIds(post.tenantId, [post.authorId])).get(
      post.authorId,
    );
    if (!author) throw platformErrors.not_found();
    return presentDetail(post, author);
  }

  private async maySee(viewer: Viewer, post: Post): Promise<boolean> {
    if (post.visibility === 'public' || post.authorId === viewer.userId) return true;
    if (post.visibility === 'private' || viewer.userId === undefined) return false;
    return this.graph.follows(post.tenantId, viewer.userId, post.authorId);
  }
}
