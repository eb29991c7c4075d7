import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import type { Cache } from '../../src/platform/cache/cache.js';
import type { CacheDescription } from '../../src/platform/cache/caches.js';
import type { Database } from '../../src/platform/database/database.js';
import {
  runInContext,
  type RequestContext,
} from '../../src/platform/observability/request-context.js';
import { eventually } from '../support/client.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { startRedisServer, type RedisServer } from '../support/redis-server.js';
import { openCaches, type Process } from './caches.js';
import { openOn } from './support.js';

/** A load that ends when the test says so. */
function slow<V>() {
  let end!: (value: V) => void;
  const loaded = new Promise<V>((resolve) => (end = resolve));
  let begun!: () => void;
  const started = new Promise<void>((resolve) => (begun = resolve));
  return { end, started, load: () => (begun(), loaded) };
}
const gives = <V>(value: V) => {
  const load = Object.assign(() => (load.calls++, Promise.resolve(value)), { calls: 0 });
  return load;
};
/** The shortest of some tries: a busy machine makes each of them longer, none shorter. */
async function shortest(measure: () => Promise<number>): Promise<number> {
  const tries: number[] = [];
  while (tries.length < 5) tries.push(await measure());
  return Math.min(...tries);
}
const context = (): RequestContext => ({ requestId: '', traceId: '', spanId: '', startedAt: 0 });

describe('a cache of two processes', () => {
  let test: TestDatabase;
  let database: Database;
  let server: RedisServer;
  let redis: Redis;
  let one: Process;
  let two: Process;
  beforeAll(async () => {
    test = await createDatabase();
    server = await startRedisServer();
    redis = new Redis(server.url, { retryStrategy: () => 50 });
    redis.on('error', () => undefined);
    database = await openOn(test);
    one = await openCaches(test, database, server.url);
    two = await openCaches(test, await openOn(test), server.url);
  });
  afterAll(async () => {
    await test.drop();
    redis.disconnect();
    await server.stop();
  });

  /** The same cache in both, of its own name. */
  function both<V>(more: Partial<CacheDescription<V>> = {}): [Cache<V>, Cache<V>, string] {
    const name = `test_${randomUUID().slice(0, 8)}`;
    const description = { name, version: 1, ttlSeconds: 60, ...more };
    return [one.caches.create<V>(description), two.caches.create<V>(description), name];
  }
  const inRedis = async (key: string) =>
    eventually(async () => expect(await redis.get(key)).not.toBeNull());

  const keepInRedis = (name: string, key: string, value: object, expires = Date.now() + 10_000) =>
    redis.set(`${name}:1:${key}`, JSON.stringify(JSON.stringify({ value, expires })), 'PX', 10_000);

  it('loads once, for both, and keeps it under a key with a version', async () => {
    const [a, b, name] = both<string>();
    const load = gives('value');
    expect(await a.getOrLoad('t/k', load)).toBe('value');
    await inRedis(`${name}:1:t/k`);
    expect(await b.getOrLoad('t/k', load)).toBe('value');
    expect(await a.getOrLoad('t/k', load)).toBe('value');
    expect(load.calls).toBe(1);
  });

  it('spreads the ends of entries by a tenth', async () => {
    const [a, , name] = both<string>();
    const keys = Array.from({ length: 200 }, (_, n) => `t/${n}`);
    await a.getOrLoadMany(keys, (missing) =>
      Promise.resolve(new Map(missing.map((key) => [key, 'value']))),
    );
    await inRedis(`${name}:1:t/199`);
    const lives = await Promise.all(keys.map((key) => redis.pttl(`${name}:1:${key}`)));
    expect(Math.min(...lives)).toBeGreaterThan(53_000);
    expect(Math.max(...lives)).toBeLessThan(66_001);
    expect(Math.max(...lives) - Math.min(...lives)).toBeGreaterThan(8000);
  });

  it('loads once for many waiting callers, one by one and in lists, here and there', async () => {
    const [a, b] = both<string>();
    const { load, started, end } = slow<string>();
    let calls = 0;
    const counted = () => (calls++, load());
    const many = async (missing: string[]) => {
      expect(missing).toEqual(['t/k']);
      return new Map([['t/k', await counted()]]);
    };
    const first = a.getOrLoad('t/k', counted);
    await started;
    const callers = [
      ...Array.from({ length: 50 }, () => a.getOrLoad('t/k', counted)),
      ...Array.from({ length: 50 }, () => a.getOrLoadMany(['t/k'], many).then(([value]) => value)),
      ...Array.from({ length: 50 }, () => b.getOrLoad('t/k', counted)),
    ];
    setTimeout(() => end('value'), 20);
    expect(new Set(await Promise.all([first, ...callers]))).toEqual(new Set(['value']));
    expect(calls).toBe(1);
  });

  it('waits for another process 40 ms at most', async () => {
    const waited = await shortest(async () => {
      const [a, b] = both<string>();
      const { load, started, end } = slow<string>();
      const first = a.getOrLoad('t/k', load);
      await started;
      const begun = performance.now();
      expect(await b.getOrLoad('t/k', gives('mine'))).toBe('mine');
      const took = performance.now() - begun;
      end('theirs');
      await first;
      return took;
    });
    expect(waited).toBeGreaterThan(30);
    expect(waited).toBeLessThan(60);
  });

  it('lets the next one load at once where a load has failed', async () => {
    const [a, b] = both<string>();
    const failing = a.getOrLoad('t/k', () => Promise.reject(new Error('no row today')));
    await expect(failing).rejects.toThrow('no row today');
    expect(await a.getOrLoad('t/k', gives('better'))).toBe('better');
    await expect(
      a.getOrLoadMany(['t/l', 't/m'], () => Promise.reject(new Error('no rows'))),
    ).rejects.toThrow('no rows');
    expect(await b.getOrLoad('t/l', gives('better'))).toBe('better');
  });

  it('gives the stale value in the last tenth of its life while one loads it anew', async () => {
    const [a, b, name] = both<string>({ inMemory: false });
    await a.getOrLoad('t/new', gives('new'));
    await inRedis(`${name}:1:t/new`);
    const { value } = JSON.parse(JSON.parse((await redis.get(`${name}:1:t/new`)) ?? ''));
    const life = await redis.pttl(`${name}:1:t/new`);
    expect(Math.abs(value.staleAt - Date.now() - life * 0.9)).toBeLessThan(1000);

    await keepInRedis(name, 't/k', { value: 'old', staleAt: Date.now() - 1 });
    let refreshes = 0;
    const { load, started, end } = slow<string>();
    const again = () => (refreshes++, load());
    expect(await b.getOrLoad('t/k', again)).toBe('old');
    await started;
    expect(await b.getOrLoad('t/k', again)).toBe('old');
    expect(await a.getOrLoad('t/k', again)).toBe('old');
    const listed = await a.getOrLoadMany(['t/k'], () => Promise.reject(new Error('not alone')));
    expect(listed).toEqual(['old']);
    await pause(20);
    expect(refreshes).toBe(1);
    end('new');
    await eventually(async () => expect(await a.getOrLoad('t/k', again)).toBe('new'));
  });

  it('loads anew what a list has that is stale', async () => {
    const [a, , name] = both<string>({ inMemory: false });
    await keepInRedis(name, 't/k', { value: 'old', staleAt: Date.now() - 1 });
    const load = () => Promise.resolve(new Map([['t/k', 'new']]));
    expect(await a.getOrLoadMany(['t/k'], load)).toEqual(['old']);
    await eventually(async () => expect(await a.getOrLoadMany(['t/k'], load)).toEqual(['new']));
  });

  it('remembers that there is nothing, for each tenant by itself', async () => {
    const [a, b, name] = both<string>();
    const nothing = gives(undefined);
    expect(await a.getOrLoad('acme/k', nothing)).toBeUndefined();
    expect(await a.getOrLoad('acme/k', nothing)).toBeUndefined();
    await inRedis(`${name}:1:acme/k`);
    expect(await b.getOrLoad('acme/k', nothing)).toBeUndefined();
    expect(nothing.calls).toBe(1);
    expect(await redis.pttl(`${name}:1:acme/k`)).toBeLessThan(11_001);
    expect(await b.getOrLoad('other/k', gives('theirs'))).toBe('theirs');
    const some = await b.getOrLoadMany(['acme/k', 'other/k'], () =>
      Promise.reject(new Error('known')),
    );
    expect(some).toEqual([undefined, 'theirs']);
  });

  it('gives back text that Redis’s package reads as something else', async () => {
    const [a, b, name] = both<{ body: string; list: string[] }>();
    const texts = [
      '_date_2020-01-01T00:00:00.000Z',
      '_function_alert|function () {}',
      '_regexp_a|b',
      '_symbol_x',
      '_undefined_',
      '_duplicate_["root"]',
      '_bigint_1',
      '_Infinity_',
      '_NaN_',
      '_error_{}',
      '{"a":1}',
      '"',
      '\\',
      '\u2028',
    ];
    const values = new Map(texts.map((text, n) => [`t/${n}`, { body: text, list: [text] }]));
    const keys = [...values.keys()];
    await a.getOrLoadMany(keys, () => Promise.resolve(values));
    await inRedis(`${name}:1:${keys.at(-1)}`);
    const refuse = () => Promise.reject(new Error('it is in Redis'));
    expect(await b.getOrLoadMany(keys, refuse)).toEqual([...values.values()]);
    expect(await b.getOrLoad('t/0', refuse)).toEqual(values.get('t/0'));
  });

  it('takes what is broken in Redis for nothing', async () => {
    const [a, , name] = both<string>();
    await redis.set(`${name}:1:t/k`, 'not json');
    expect(await a.getOrLoad('t/k', gives('loaded'))).toBe('loaded');
  });

  it('forgets on all processes and in Redis within 100 ms of the commit, not before', async () => {
    const took = await shortest(async () => {
      const [a, b, name] = both<string>();
      await a.getOrLoad('t/k', gives('old'));
      await inRedis(`${name}:1:t/k`);
      await b.getOrLoad('t/k', gives('never'));
      await database.transaction(async (tx) => {
        await a.invalidate(['t/k'], tx);
        await pause(20);
        expect(await b.getOrLoad('t/k', gives('too early'))).toBe('old');
      });
      const committed = performance.now();
      expect(await redis.get(`${name}:1:t/k`)).toBeNull();
      expect(await a.getOrLoad('t/k', gives('new'))).toBe('new');
      while ((await b.getOrLoad('t/k', gives('new'))) !== 'new') await pause(1);
      return performance.now() - committed;
    });
    expect(took).toBeLessThan(100);
  });

  it('forgets nothing when the transaction is rolled back', async () => {
    const [a] = both<string>();
    await a.getOrLoad('t/k', gives('old'));
    const failed = database.transaction(async (tx) => {
      await a.invalidate(['t/k'], tx);
      throw new Error('no');
    });
    await expect(failed).rejects.toThrow('no');
    expect(await a.getOrLoad('t/k', gives('never'))).toBe('old');
  });

  it('keeps a new value after an invalidation', async () => {
    const [a] = both<string>();
    await a.getOrLoad('t/k', gives('old'));
    await a.invalidate(['t/k']);
    await a.getOrLoad('t/k', gives('new'));
    expect(await a.getOrLoad('t/k', gives('never'))).toBe('new');
  });

  it.each([[0], [1500]])(
    'never brings back what was loaded before an invalidation and arrives %d ms behind it',
    async (late) => {
      const [a, b, name] = both<string>();
      const { load, started, end } = slow<string>();
      const listed = slow<string>();
      const before = a.getOrLoad('t/k', load);
      const list = b.getOrLoadMany(['t/l'], async () => new Map([['t/l', await listed.load()]]));
      await Promise.all([started, listed.started]);
      const heard = new Promise<void>((resolve) => {
        const stop = two.bus.subscribe((message) => {
          if (message.topic !== 'cache' || message.cache !== name) return;
          stop();
          resolve();
        });
      });
      await a.invalidate(['t/k', 't/l']);
      // The one who has written must not be given what somebody asked for before.
      expect(await a.getOrLoad('t/k', gives('new'))).toBe('new');
      await heard;
      await pause(late);
      end('old');
      listed.end('old');
      await Promise.all([before, list]);
      // Their connections have brought what they wrote, which they then take back.
      for (const { redis } of [one, two]) await redis.run('test', (client) => client.ping());
      await eventually(async () =>
        expect(await redis.mget(`${name}:1:t/k`, `${name}:1:t/l`)).toEqual([null, null]),
      );
      expect(await a.getOrLoad('t/k', gives('newer'))).not.toBe('old');
      expect(await b.getOrLoad('t/k', gives('newer'))).toBe('newer');
      expect(await b.getOrLoad('t/l', gives('newer'))).toBe('newer');
    },
  );

  it('leaves no mark where an entry has just expired', async () => {
    const [a, b, name] = both<string>({ inMemory: false });
    await keepInRedis(name, 't/k', { value: 'old', staleAt: 0 }, Date.now() - 1);
    expect(await a.getOrLoad('t/k', gives('new'))).toBe('new');
    await inRedis(`${name}:1:t/k`);
    await pause(20);
    expect(await b.getOrLoad('t/k', gives('never'))).toBe('new');
  });

  it('sends an invalidation again that Redis was too late for once, and reads from it again', async () => {
    const [a, b, name] = both<string>();
    await a.getOrLoad('t/k', gives('old'));
    await inRedis(`${name}:1:t/k`);
    server.pause();
    await a.invalidate(['t/k']);
    expect(await a.getOrLoad('t/k', gives('new'))).toBe('new');
    server.resume();
    await eventually(async () => expect(await redis.exists(`${name}:1:t/k`)).toBe(0));
    // Another key shows that this process reads from Redis again.
    await eventually(async () => {
      const key = `t/${randomUUID()}`;
      await keepInRedis(name, key, { value: 'there', staleAt: Date.now() + 1000 });
      expect(await a.getOrLoad(key, gives('loaded'))).toBe('there');
    });
    expect(await b.getOrLoad('t/k', gives('newer'))).not.toBe('old');
  });

  it('falls back within 50 ms, says so, and asks Redis once a request', async () => {
    const hasty = await openCaches(test, await openOn(test), server.url, {}, 50);
    const a = hasty.caches.create<string>({ name: 'hasty', version: 1, ttlSeconds: 60 });
    const took = await shortest(async () => {
      server.pause();
      const work = context();
      const begun = performance.now();
      const values = await runInContext(work, async () => [
        await a.getOrLoad(`t/${randomUUID()}`, gives('x')),
        ...(await a.getOrLoadMany(['t/y'], () => Promise.resolve(new Map([['t/y', 'y']])))),
      ]);
      const waited = performance.now() - begun;
      expect(values).toEqual(['x', 'y']);
      expect(work.degraded).toBe('cache');
      server.resume();
      await eventually(() =>
        hasty.redis.run('test', (client) => client.ping()).then(() => undefined),
      );
      return waited;
    });
    expect(took).toBeGreaterThan(45);
    expect(took).toBeLessThan(65);
  });

  it('reads nothing from a Redis that is back before it took what it missed', async () => {
    const [a, b, name] = both<string>();
    await a.getOrLoad('t/k', gives('old'));
    await inRedis(`${name}:1:t/k`);
    await b.getOrLoad('t/k', gives('never'));
    server.pause(); // it keeps what it has, unlike one that was killed
    await eventually(async () => {
      await one.redis.run('test', (client) => client.ping()).catch(() => undefined);
      await two.redis.run('test', (client) => client.ping()).catch(() => undefined);
      expect([one.redis.isDown, two.redis.isDown]).toEqual([true, true]);
    });
    await database.transaction((tx) => a.invalidate(['t/k'], tx));
    const seen = new Set<string | undefined>();
    let watching = true;
    const watch = (async () => {
      while (watching) {
        seen.add(await a.getOrLoad('t/k', gives('new')));
        await a.forget(['t/k']);
        await pause(5);
      }
    })();
    server.resume();
    await eventually(async () => expect(await redis.exists(`${name}:1:t/k`)).toBe(0));
    await eventually(() => Promise.resolve(expect(one.redis.isDown).toBe(false)));
    watching = false;
    await watch;
    expect(seen).toEqual(new Set(['new']));
  });

  it('works without Redis, each process by itself', async () => {
    const alone = await openCaches(test, database, undefined);
    const a = alone.caches.create<string>({ name: 'alone', version: 1, ttlSeconds: 60 });
    const load = gives('value');
    expect(await a.getOrLoad('k', load)).toBe('value');
    expect(await a.getOrLoad('k', load)).toBe('value');
    await a.invalidate(['k']);
    expect(await a.getOrLoad('k', load)).toBe('value');
    expect(load.calls).toBe(2);
    const none = alone.caches.create({ name: 'none', version: 1, ttlSeconds: 60, inMemory: false });
    expect(none.isOff).toBe(true);
  });

  it('keeps what the memory has room for', async () => {
    const small = await openCaches(test, database, undefined, { maxEntries: 10 });
    const a = small.caches.create<string>({ name: 'small', version: 1, ttlSeconds: 60 });
    const load = gives('value');
    for (let n = 0; n < 20; n++) await a.getOrLoad(`k${n}`, load);
    await a.getOrLoad('k19', load);
    expect(load.calls).toBe(20);
    await a.getOrLoad('k0', load);
    expect(load.calls).toBe(21);
  });
});
