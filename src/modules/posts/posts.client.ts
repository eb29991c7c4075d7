import { Global, Module } from '@nestjs/common';
import { RpcClient } from '../../platform/rpc/rpc-client.js';
import { rpcConfig, type RpcConfig } from '../../platform/rpc/rpc.config.js';
import { PostsApi } from './posts.contract.js';

/** The client of posts' process. */
class PostsRpcClient extends RpcClient {
  constructor(config: RpcConfig) {
    super('posts', config);
  }
}

/** PostsApi over the wire. */
class RemotePostsApi extends PostsApi {
  constructor(private readonly rpc: RpcClient) {
    super();
  }

  followedAuthors(tenantId: string, userId: string): Promise<string[]> {
    return this.rpc.call('followedAuthors', { tenantId, userId });
  }
}

/** Binds PostsApi to another process. */
@Global()
@Module({
  providers: [
    {
      provide: PostsRpcClient,
      inject: [rpcConfig.KEY],
      useFactory: (config: RpcConfig) => new PostsRpcClient(config),
    },
    {
      provide: PostsApi,
      inject: [PostsRpcClient],
      useFactory: (rpc: PostsRpcClient) => new RemotePostsApi(rpc),
    },
  ],
  exports: [PostsApi],
})
export class PostsClientModule {}
