import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { eventually, type Account, type Client } from '../support/client.js';
import {
  anyAddress,
  from,
  knock,
  newcomer,
  startLimited,
  upgrade,
  type Limited,
} from './limited.js';

describe('keys in Redis', () => {
  let stage: Limited;
  let client: Client;
  let redis: Redis;
  beforeAll(async () => {
    stage = await startLimited(1, { writes: [10, 3600] });
    client = stage.clients[0] as Client;
    redis = new Redis(stage.redis.url);
  });
  afterAll(async () => {
    redis.disconnect();
    await stage.stop();
  });

  /** Every key and what is left of its life: -1 for ever, -2 gone meanwhile. */
  async function lives(): Promise<Map<string, number>> {
    const keys: string[] = [];
    for await (const some of redis.scanStream({ count: 1000 })) keys.push(...(some as string[]));
    const found = new Map<string, number>();
    for (const key of keys) found.set(key, await redis.pttl(key));
    return found;
  }

  /** Something of everything that keeps keys: all policies, also refused ones, and the caches. */
  async function use(account: Account, author: Account): Promise<void> {
    const { token, refreshToken } = account;
    const address = from(anyAddress());
    const credentials = { identifier: account.username, password: 'wrong' };
    await client.follow(account, author);
    for (let n = 0; n < 6; n++) {
      await client.post('/api/v1/auth/login', credentials, undefined, address);
      await client.post('/api/v1/auth/refresh', { refreshToken: `${refreshToken}x` });
      await client.post('/api/v1/posts', { body: 'x' }, undefined, address);
      const post = await client.post('/api/v1/posts', { body: `Post ${n}.` }, author.token);
      for (const path of ['posts/feed', `posts/${post.body.id}`, `users/${author.username}`])
        await client.get(`/api/v1/${path}`, token);
      await knock(client, address);
      await upgrade(client, address);
    }
    for (let n = 0; n < 100; n++) await client.get('/api/v1/users/me/limits', token);
  }

  it('R7 after a load over all policies no key is without an expiry', async () => {
    for (let n = 0; n < 3; n++) await use(await newcomer(client), await newcomer(client));
    // The ranking of what is read most is written every ten seconds.
    await eventually(async () => {
      expect([...(await lives()).keys()].filter((key) => key.startsWith('hot:'))).not.toEqual([]);
    });
    const all = await lives();
    expect([...all].filter(([, ms]) => ms === -1)).toEqual([]);
    const policies = [...all.keys()].flatMap((key) => /^limit:\{.+\}:(\w+)$/.exec(key)?.[1] ?? []);
    expect([...new Set(policies)].sort()).toEqual([
      ...['account', 'api', 'auth', 'handshake', 'hourly', 'hourlyAnonymous'],
      ...['refresh', 'writes', 'writesAnonymous'],
    ]);
    // And none outlives what it is for.
    const longest = [...all].filter(([key]) => key.startsWith('limit:')).map(([, ms]) => ms);
    expect(Math.max(...longest)).toBeLessThanOrEqual(3_601_000);
  });
});
