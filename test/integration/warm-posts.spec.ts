import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { HotKeys } from '../../src/platform/cache/hot-keys.js';
import type { Database } from '../../src/platform/database/database.js';
import type { Jobs } from '../../src/platform/jobs/jobs.js';
import { PgAccountsRepository } from '../../src/modules/auth/accounts/accounts.repository.js';
import { CachedAuthApi } from '../../src/modules/auth/auth.cache.js';
import { authConfig } from '../../src/modules/auth/auth.config.js';
import { AuthService } from '../../src/modules/auth/auth.service.js';
import type { SigningKeys } from '../../src/modules/auth/keys/signing-keys.js';
import type { ApiKeysRepository } from '../../src/modules/auth/api-keys/api-keys.repository.js';
import type { FindCookieSession } from '../../src/modules/auth/sessions/find-cookie-session.js';
import type { RevocationsRepository } from '../../src/modules/auth/revocations/revocations.repository.js';
import type { SessionActivityRepository } from '../../src/modules/auth/sessions/session-activity.repository.js';
import { FeedCache } from '../../src/modules/posts/feed/feed.cache.js';
import { CachedPostsRepository, CountedViews } from '../../src/modules/posts/posts/posts.cache.js';
import { postsConfig } from '../../src/modules/posts/posts.config.js';
import { PgPostsRepository } from '../../src/modules/posts/posts/posts.repository.js';
import { WarmPosts } from '../../src/modules/posts/posts/warm-posts.js';
import { eventually } from '../support/client.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { startRedisServer, type RedisServer } from '../support/redis-server.js';
import { openCaches } from './caches.js';
import { openOn } from './support.js';

describe('the most viewed posts', () => {
  let test: TestDatabase;
  let database: Database;
  let server: RedisServer;
  let redis: Redis;
  beforeAll(async () => {
    test = await createDatabase();
    database = await openOn(test);
    server = await startRedisServer();
    redis = new Redis(server.url);
  });
  afterAll(async () => {
    await test.drop();
    redis.disconnect();
    await server.stop();
  });

  /** The posts of one process, and its job. */
  async function process() {
    const { caches, redis: connection, lifecycle } = await openCaches(test, database, server.url);
    const config = postsConfig.schema.parse({});
    const hot = new HotKeys(connection, lifecycle);
    const feeds = new FeedCache(caches, config);
    const inner = new PgPostsRepository(database);
    const posts = new CachedPostsRepository(inner, feeds, hot, caches, config);
    const local = new AuthService(
      new PgAccountsRepository(database),
      {} as SessionActivityRepository,
      {} as FindCookieSession,
      {} as ApiKeysRepository,
      {} as RevocationsRepository,
      {} as SigningKeys,
    );
    const auth = new CachedAuthApi(local, caches, authConfig.schema.parse({}));
    const job = new WarmPosts({} as Jobs, new CountedViews(hot), posts, auth);
    return { posts, hot, job };
  }
  async function write(tenant: string): Promise<{ id: string; author: string }> {
    const [id, author] = [randomUUID(), randomUUID()];
    await test.pool.query(
      `INSERT INTO auth.tenants (id, name) VALUES ($1, $1) ON CONFLICT DO NOTHING`,
      [tenant],
    );
    await test.pool.query(
      `INSERT INTO auth.users (id, tenant_id, email, email_key, username, username_key, display_name, password_hash)
       VALUES ($1::uuid, $2, $1::text, $1::text, $1::text, $1::text, 'x', 'x')`,
      [author, tenant],
    );
    await test.pool.query(
      `INSERT INTO posts.posts (id, tenant_id, author_id, body, kind, visibility, tags)
       VALUES ($1, $2, $3, 'A post.', 'note', 'public', '{}')`,
      [id, tenant, author],
    );
    return { id, author };
  }

  it('and their authors are put into Redis, of every tenant, by a process that viewed none of them', async () => {
    const viewer = await process();
    const written = [await write('default'), await write('acme')];
    const ignored = await write('default');
    for (const [index, { id }] of written.entries())
      for (let n = 0; n < 3; n++) await viewer.posts.find(index === 0 ? 'default' : 'acme', id);
    for (let n = 0; n < 1500; n++) viewer.hot.note('post', `default/${randomUUID()}`);
    await viewer.hot.flush();
    await redis.unlink(...(await redis.keys('post:*')), 'none');

    const worker = await process();
    await worker.job.execute();
    for (const [index, { id, author }] of written.entries()) {
      const tenant = index === 0 ? 'default' : 'acme';
      await eventually(async () =>
        expect(await redis.exists(`post:1:${tenant}/${id}`, `author:1:${tenant}/${author}`)).toBe(
          2,
        ),
      );
    }
    expect(await redis.exists(`post:1:default/${ignored.id}`)).toBe(0);
    const ranking = (await redis.keys('hot:post:*'))[0] ?? '';
    expect(await redis.zcard(ranking)).toBe(1000);
    expect(await redis.ttl(ranking)).toBeGreaterThan(3600);
  });

  it('are none without Redis', async () => {
    const { hot, job } = await process();
    await server.kill();
    hot.note('post', 'default/x');
    await hot.flush();
    expect(await hot.top('post', 10)).toEqual([]);
    await job.execute();
    await server.restart();
  });
});
