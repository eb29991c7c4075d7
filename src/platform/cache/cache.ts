import { Inject, Injectable } from '@nestjs/common';
import { createCache, type Cache as Store } from 'cache-manager';
import { Keyv } from 'keyv';
import { cacheConfig, type CacheConfig } from './cache.config.js';
import { cacheRequestsTotal } from './cache.telemetry.js';
import { LruStore } from './lru-store.js';

/**
 * A bounded cache of one kind of value. Everything in it can be loaded again, so treat values as
 * read-only and as possibly some seconds old.
 *
 * cache-manager loads once for all who wait for a key. What is in memory is read past it, straight
 * from the LRU: 0.06 instead of 2.1 µs a value, which shows in a feed of 20 authors.
 */
export class Cache<V> {
  private readonly memory: LruStore<V>;
  private readonly manager: Store;
  private readonly hits: { inc(by?: number): void };
  private readonly misses: { inc(by?: number): void };

  constructor(name: string, ttlMs: number, maxEntries: number) {
    this.memory = new LruStore(maxEntries, ttlMs);
    const keyv = new Keyv({ store: this.memory, useKeyPrefix: false });
    keyv.serialize = undefined;
    keyv.deserialize = undefined;
    this.manager = createCache({ stores: [keyv], ttl: ttlMs });
    this.hits = cacheRequestsTotal.labels({ cache: name, level: 'memory', result: 'hit' });
    this.misses = cacheRequestsTotal.labels({ cache: name, level: 'memory', result: 'miss' });
  }

  /** The value of a key; loaded once for all who wait for it. `undefined` is not kept. */
  async getOrLoad(key: string, load: () => Promise<V | undefined>): Promise<V | undefined> {
    const known = this.memory.peek(key);
    if (known !== undefined) {
      this.hits.inc();
      return known;
    }
    this.misses.inc();
    return this.manager.wrap(key, load);
  }

  /** The values of many keys, in one load for those that are not there; order is kept. */
  async getOrLoadMany(
    keys: readonly string[],
    load: (missing: string[]) => Promise<Map<string, V>>,
  ): Promise<(V | undefined)[]> {
    const values = keys.map((key) => this.memory.peek(key));
    const missing = [...new Set(keys.filter((_key, index) => values[index] === undefined))];
    this.hits.inc(keys.length - missing.length);
    if (missing.length === 0) return values;
    this.misses.inc(missing.length);
    const loaded = await load(missing);
    await this.manager.mset([...loaded].map(([key, value]) => ({ key, value })));
    return keys.map((key, index) => values[index] ?? loaded.get(key));
  }
}

/** Makes the caches of the modules, all under the same bounds. */
@Injectable()
export class Caches {
  constructor(@Inject(cacheConfig.KEY) private readonly config: CacheConfig) {}

  /** @param name label of the metrics */
  create<V>(name: string, ttlMs: number): Cache<V> {
    return new Cache<V>(name, ttlMs, this.config.maxEntries);
  }
}
