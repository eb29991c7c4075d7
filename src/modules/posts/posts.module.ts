import { Global, Module, type Provider } from '@nestjs/common';
import { Caches } from '../../platform/cache/caches.js';
import { Flags } from '../../platform/flags/flags.js';
import { HotKeys } from '../../platform/cache/hot-keys.js';
import { CachedFeedRepository, FeedCache } from './feed/feed.cache.js';
import { LatestPosts } from './feed/latest-posts.cache.js';
import { CachedGraphRepository } from './graph/graph.cache.js';
import { postsConfig, type PostsConfig } from './posts.config.js';
import { MostViewed } from './posts/most-viewed.js';
import { CachedPostsRepository, CountedViews } from './posts/posts.cache.js';
import { WarmPosts } from './posts/warm-posts.js';
import { AuthorsRepository, PgAuthorsRepository } from './authors/authors.repository.js';
import { HideAuthors } from './authors/hide-authors.js';
import { PurgeAuthor } from './authors/purge-author.js';
import { FeedController } from './feed/feed.controller.js';
import { FeedRepository, PgFeedRepository } from './feed/feed.repository.js';
import { GetFeed } from './feed/get-feed.js';
import { FollowAuthor } from './graph/follow-author.js';
import { GraphController } from './graph/graph.controller.js';
import { GraphRepository, PgGraphRepository } from './graph/graph.repository.js';
import { UnfollowAuthor } from './graph/unfollow-author.js';
import { PostsApi } from './posts.contract.js';
import { PostsRpc } from './posts.rpc.js';
import { PostsService } from './posts.service.js';
import { CreatePost } from './posts/create-post.js';
import { GetPost } from './posts/get-post.js';
import { HydratePosts } from './posts/hydrate-posts.js';
import { ListPosts } from './posts/list-posts.js';
import { PostsController } from './posts/posts.controller.js';
import { PgPostsRepository, PostsRepository } from './posts/posts.repository.js';
import { CountAuthors } from './stats/count-authors.js';

/** Posts by id are cached wherever they are read. */
const cachedPosts: Provider[] = [
  FeedCache,
  PgPostsRepository,
  {
    provide: PostsRepository,
    inject: [PgPostsRepository, FeedCache, HotKeys, Caches, postsConfig.KEY],
    useFactory: (
      posts: PgPostsRepository,
      feeds: FeedCache,
      hot: HotKeys,
      caches: Caches,
      config: PostsConfig,
    ) => new CachedPostsRepository(posts, feeds, hot, caches, config),
  },
];

/** Posts where it serves. */
@Global()
@Module({
  controllers: [FeedController, GraphController, PostsController, PostsRpc],
  providers: [
    ...cachedPosts,
    PgGraphRepository,
    {
      provide: GraphRepository,
      inject: [PgGraphRepository, FeedCache],
      useFactory: (graph: PgGraphRepository, feeds: FeedCache) =>
        new CachedGraphRepository(graph, feeds),
    },
    PgFeedRepository,
    LatestPosts,
    {
      provide: FeedRepository,
      inject: [PgFeedRepository, FeedCache, LatestPosts, PostsRepository, Flags],
      useFactory: (
        feed: PgFeedRepository,
        feeds: FeedCache,
        latest: LatestPosts,
        posts: PostsRepository,
        flags: Flags,
      ) => new CachedFeedRepository(feed, feeds, latest, posts, flags),
    },
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
@Module({
  providers: [
    ...cachedPosts,
    { provide: MostViewed, useClass: CountedViews },
    WarmPosts,
    CountAuthors,
    { provide: AuthorsRepository, useClass: PgAuthorsRepository },
    PurgeAuthor,
    HideAuthors,
  ],
})
export class PostsWorkerModule {}
