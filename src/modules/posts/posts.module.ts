import { Global, Module } from '@nestjs/common';
import { FeedController } from './feed/feed.controller.js';
import { FeedRepository, PgFeedRepository } from './feed/feed.repository.js';
import { GetFeed } from './feed/get-feed.js';
import { FollowAuthor } from './graph/follow-author.js';
import { GraphController } from './graph/graph.controller.js';
import { GraphRepository, PgGraphRepository } from './graph/graph.repository.js';
import { UnfollowAuthor } from './graph/unfollow-author.js';
import { PostsApi } from './posts.contract.js';
import './posts.flags.js'; // declared from the start: the configuration may name them
import { PostsRpc } from './posts.rpc.js';
import { PostsService } from './posts.service.js';
import { CreatePost } from './posts/create-post.js';
import { GetPost } from './posts/get-post.js';
import { HydratePosts } from './posts/hydrate-posts.js';
import { ListPosts } from './posts/list-posts.js';
import { PostsController } from './posts/posts.controller.js';
import { PgPostsRepository, PostsRepository } from './posts/posts.repository.js';
import { CountAuthors } from './stats/count-authors.js';

/** Posts where it serves. */
@Global()
@Module({
  controllers: [FeedController, GraphController, PostsController, PostsRpc],
  providers: [
    { provide: PostsRepository, useClass: PgPostsRepository },
    { provide: GraphRepository, useClass: PgGraphRepository },
    { provide: FeedRepository, useClass: PgFeedRepository },
    { provide: PostsApi, useClass: PostsService },
    CreatePost,
    GetPost,
    ListPosts,
    HydratePosts,
    FollowAuthor,
    UnfollowAuthor,
    GetFeed,
  ],
  exports: [PostsApi],
})
export class PostsModule {}

/** Posts' background work, for the processes that work jobs. */
@Module({ providers: [CountAuthors] })
export class PostsWorkerModule {}
