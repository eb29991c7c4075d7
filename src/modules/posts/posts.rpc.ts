import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { RpcHandler } from '../../platform/rpc/rpc-handler.js';
import { PostsApi } from './posts.contract.js';

/** The answering end of `posts.client.ts`. */
@Controller()
export class PostsRpc {
  constructor(private readonly posts: PostsApi) {}

  @RpcHandler('posts.followedAuthors')
  followedAuthors(@Payload() input: { tenantId: string; userId: string }): Promise<string[]> {
    return this.posts.followedAuthors(input.tenantId, input.userId);
  }

  /** Whether this process answers at all: the probe of its callers' breakers. */
  @RpcHandler('posts.ping')
  ping(): Promise<true> {
    return Promise.resolve(true);
  }
}
