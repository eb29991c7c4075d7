import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { eventually, type Account, type Json } from '../support/client.js';
import { createInstances, type Instance, type Instances } from '../support/instances.js';
import { startRedisServer, type RedisServer } from '../support/redis-server.js';

describe('feeds of two instances with one Redis', () => {
  let instances: Instances;
  let server: RedisServer;
  let redis: Redis;
  let one: Instance;
  let two: Instance;
  const started: Instance[] = [];
  const start = async (): Promise<Instance> => {
    const settings = {
      REDIS_URL: server.url,
      MAINSTAY__REDIS__TIMEOUT_MS: '1000', // what the instances did is looked up in Redis
      MAINSTAY__CACHE__MEMORYSECONDS: '0.1',
    };
    const instance = await instances.start(settings);
    started.push(instance);
    return instance;
  };
  beforeAll(async () => {
    instances = await createInstances();
    server = await startRedisServer();
    redis = new Redis(server.url);
    redis.on('error', () => undefined);
    [one, two] = await Promise.all([start(), start()]);
  });
  afterAll(async () => {
    const codes = await Promise.all(started.map(({ app }) => app.stop()));
    expect(codes.slice(0, 2)).toEqual([0, 0]);
    redis.disconnect();
    await server.stop();
    await instances.clean();
  });

  const feed = (at: Instance, reader: Account, query = '') =>
    at.client.get(`/api/v1/posts/feed${query}`, reader.token);
  const ids = async (at: Instance, reader: Account): Promise<string[]> => {
    const answer = await feed(at, reader);
    expect([answer.status, answer.headers.get('x-degraded')]).toEqual([200, null]);
    return answer.body.items.map((item: Json) => item.id);
  };
  const keyOf = ({ id }: Account) => `feed:1:default/${id}`;
  /** Nothing of the reader's own doing stands in the way of keeping the feed any more. */
  const unmark = (reader: Account) => redis.unlink(`gone:{${keyOf(reader)}}`);
  /** Reads the feed, so that it is kept. */
  async function keep(at: Instance, reader: Account): Promise<void> {
    await unmark(reader);
    await eventually(async () => {
      await ids(at, reader);
      expect(await redis.exists(keyOf(reader))).toBe(1);
    });
  }
  const pair = async (): Promise<[Account, Account]> => {
    const [ada, bob] = await Promise.all([one.client.account('ada'), one.client.account('bob')]);
    await one.client.follow(bob, ada);
    return [ada, bob];
  };

  it('show a followed author’s new post on both, and nobody’s feed is deleted for it', async () => {
    const [ada, bob] = await pair();
    const first = await one.client.write(ada, 'First.');
    await keep(one, bob);
    const before = await redis.get(keyOf(bob));
    expect(before).toContain(first.id);
    const second = await one.client.write(ada, 'Second.');
    expect(await redis.get(keyOf(bob))).toBe(before);
    for (const instance of [two, one]) {
      await eventually(async () => expect(await ids(instance, bob)).toEqual([second.id, first.id]));
    }
  });

  it('show what one has done oneself on the other instance at once', async () => {
    const [ada, bob] = await pair();
    const theirs = await one.client.write(ada, 'By ada.');
    await keep(two, bob);
    const own = await one.client.write(bob, 'By bob.', { visibility: 'private' });
    expect(await ids(two, bob)).toEqual([own.id, theirs.id]);
    await keep(two, bob);
    await one.client.call('DELETE', `/api/v1/posts/authors/${ada.username}/follow`, {
      token: bob.token,
    });
    expect(await ids(two, bob)).toEqual([own.id]);
    await keep(one, bob);
    await two.client.follow(bob, ada);
    expect(await ids(one, bob)).toEqual([own.id, theirs.id]);
  });

  it('never show others’ private posts, whoever has them in a cache', async () => {
    const [ada, bob] = await pair();
    await one.client.write(ada, 'For all.');
    const secret = await one.client.write(ada, 'For me.', { visibility: 'private' });
    await keep(one, ada);
    expect(await ids(two, ada)).toContain(secret.id);
    await keep(one, bob);
    for (const instance of [one, two]) {
      expect(await ids(instance, bob)).not.toContain(secret.id);
      const answer = await instance.client.get(`/api/v1/posts/${secret.id}`, bob.token);
      expect(answer.status).toBe(404);
    }
    // Made private behind the back of the kept feed.
    const known = await one.client.write(ada, 'For all, and then for me.');
    await eventually(async () => expect(await ids(two, bob)).toContain(known.id));
    await keep(two, bob);
    await instances.database.pool.query(
      `UPDATE posts.posts SET visibility = 'private' WHERE id = $1`,
      [known.id],
    );
    await redis.unlink(`post:1:default/${known.id}`);
    await eventually(async () => expect(await ids(two, bob)).not.toContain(known.id));
    expect(await redis.get(keyOf(bob))).toContain(known.id);
  });

  it('fill a page whose kept ids have a hole', async () => {
    const [ada, bob] = await pair();
    const posts: string[] = [];
    for (let n = 0; n < 4; n++) posts.unshift((await one.client.write(ada, `Post ${n}.`)).id);
    await eventually(async () => expect(await ids(one, bob)).toEqual(posts));
    await keep(one, bob);
    const [, gone = ''] = posts;
    await instances.database.pool.query('DELETE FROM posts.posts WHERE id = $1', [gone]);
    await redis.unlink(`post:1:default/${gone}`);
    await eventually(async () => {
      const { body } = await feed(one, bob, '?limit=3');
      expect(body.items.map((item: Json) => item.id)).toEqual(posts.filter((id) => id !== gone));
      expect(body.nextCursor).toBeNull();
    });
  });

  it('go on behind the first page where it ended', async () => {
    const [ada, bob] = await pair();
    const posts: string[] = [];
    for (let n = 0; n < 8; n++)
      posts.unshift((await one.client.write(n % 2 ? ada : bob, `Post ${n}.`)).id);
    await eventually(async () => expect(await ids(two, bob)).toEqual(posts));
    await keep(one, bob);
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const at: Instance = seen.length % 2 ? one : two;
      const page = await feed(at, bob, cursor ? `?limit=3&cursor=${cursor}` : '?limit=3');
      seen.push(...page.body.items.map((item: Json) => item.id));
      cursor = page.body.nextCursor;
    } while (cursor);
    expect(seen).toEqual(posts);
  });

  it('are checked by an instance that was not there when they were kept', async () => {
    const [ada, bob] = await pair();
    const first = await one.client.write(ada, 'First.');
    await eventually(async () => expect(await ids(one, bob)).toEqual([first.id]));
    await keep(one, bob);
    const second = await one.client.write(ada, 'Second.');
    await eventually(async () => {
      const { rows } = await instances.database.pool.query(
        'SELECT 1 FROM platform.event_log WHERE data::text LIKE $1',
        [`%${second.id}%`],
      );
      expect(rows).toHaveLength(1);
    });
    const three = await start();
    expect(await redis.exists(keyOf(bob))).toBe(1);
    expect(await ids(three, bob)).toEqual([second.id, first.id]);
    expect(await three.app.stop()).toBe(0);
  });

  it('show a follow whose instance died before Redis heard of it', async () => {
    const three = await start();
    const [ada, bob] = await pair();
    const post = await one.client.write(ada, 'Wait for me.');
    await one.client.call('DELETE', `/api/v1/posts/authors/${ada.username}/follow`, {
      token: bob.token,
    });
    await keep(two, bob);
    expect(await ids(two, bob)).toEqual([]);
    await eventually(async () => {
      // Both instances have read the log as far as it goes: what follows must be news to them.
      const kept = JSON.parse(JSON.parse((await redis.get(keyOf(bob))) ?? '"{}"'));
      const { rows } = await instances.database.pool.query(
        'SELECT position::float8 AS position FROM platform.event_log_head',
      );
      await redis.unlink(keyOf(bob));
      await ids(two, bob);
      expect(kept.value?.value.position).toBe(rows[0].position);
    });
    await eventually(async () => expect(await redis.exists(keyOf(bob))).toBe(1));
    server.pause();
    expect((await three.client.follow(bob, ada)).status).toBe(204);
    await three.app.stop('SIGKILL');
    server.resume();
    await eventually(async () => expect(await ids(two, bob)).toEqual([post.id]));
  });

  it('come from the database without Redis, and say so', async () => {
    const [ada, bob] = await pair();
    const post = await one.client.write(ada, 'From the database.');
    await keep(one, bob);
    await server.kill();
    for (const instance of [one, two]) {
      const answer = await feed(instance, bob);
      expect([answer.status, answer.headers.get('x-degraded')]).toEqual([200, 'cache']);
      expect(answer.body.items.map((item: Json) => item.id)).toEqual([post.id]);
    }
    await server.restart();
    await eventually(async () => expect(await ids(one, bob)).toEqual([post.id]));
  });
});
