import { Global, Module } from '@nestjs/common';
import { Breakers } from '../../platform/resilience/breakers.js';
import { RpcClient } from '../../platform/rpc/rpc-client.js';
import { rpcConfig, type RpcConfig } from '../../platform/rpc/rpc.config.js';
import { PostsApi } from './posts.contract.js';

/** The client of posts' process. */
class PostsRpcClient extends RpcClient {
  constructor(config: RpcConfig, breakers: Breakers) {
    super('posts', config, breakers);
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
      inject: [rpcConfig.KEY, Breakers],
      useFactory: (config: RpcConfig, breakers: Breakers) => new PostsRpcClient(config, breakers),
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
