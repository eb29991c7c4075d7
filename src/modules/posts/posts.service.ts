import { Inject, Injectable } from '@nestjs/common';
import { GraphRepository } from './graph/graph.repository.js';
import { postsConfig, type PostsConfig } from './posts.config.js';
import { PostsApi } from './posts.contract.js';

/** PostsApi where posts runs. */
@Injectable()
export class PostsService extends PostsApi {
  constructor(
    private readonly graph: GraphRepository,
    @Inject(postsConfig.KEY) private readonly config: PostsConfig,
  ) {
    super();
  }

  followedAuthors(tenantId: string, userId: string): Promise<string[]> {
    return this.graph.followedAuthors(tenantId, userId, this.config.maxFollowing);
  }
}
