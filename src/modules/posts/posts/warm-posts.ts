import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Jobs } from '../../../platform/jobs/jobs.js';
import { AuthApi } from '../../auth/auth.contract.js';
import { MostViewed } from './most-viewed.js';
import { PostsRepository } from './posts.repository.js';

const HOW_MANY = 100;

/** Has the most viewed posts and their authors ready: after a cold start, and before they expire. */
@Injectable()
export class WarmPosts implements OnApplicationBootstrap {
  constructor(
    private readonly jobs: Jobs,
    private readonly viewed: MostViewed,
    private readonly posts: PostsRepository,
    private readonly auth: AuthApi,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.jobs.schedule('posts.warm', '*/5 * * * *', () => this.execute());
  }

  async execute(): Promise<void> {
    const byTenant = await this.viewed.top(HOW_MANY);
    for (const [tenantId, ids] of byTenant) {
      const posts = await this.posts.findMany(tenantId, ids);
      await this.auth.profilesByIds(
        tenantId,
        [...posts.values()].map((post) => post.authorId),
      );
    }
  }
}
