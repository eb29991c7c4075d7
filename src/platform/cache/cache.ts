import { KeyvCacheableMemory } from '@cacheable/memory';
import { Inject, Injectable } from '@nestjs/common';
import { createCache, type Cache as Store } from 'cache-manager';
import { Keyv } from 'keyv';
import { cacheConfig, type CacheConfig } from './cache.config.js';
import { cacheRequestsTotal } from './cache.telemetry.js';

/** A bounded cache of one kind of value. Everything in it can be loaded again. */
export class Cache<V> {
  private readonly store: Store;
  private readonly hits: { inc(by?: number): void };
  private readonly misses: { inc(by?: number): void };

  constructor(name: string, ttlMs: number, maxEntries: number) {
    // Values are handed out as they are, without a clone: treat them as read-only.
    const memory = new KeyvCacheableMemory({ lruSize: maxEntries, ttl: ttlMs, useClone: false });
    const keyv = new Keyv({ store: memory, useKeyPrefix: false });
    keyv.serialize = undefined;
    keyv.deserialize = undefined;
    this.store = createCache({ stores: [keyv], ttl: ttlMs });
    this.hits = cacheRequestsTotal.labels({ cache: name, level: 'memory', result: 'hit' });
    this.misses = cacheRequestsTotal.labels({ cache: name, level: 'memory', result: 'miss' });
  }

  /** The value of a key; loaded once for all who wait for it. `undefined` is not kept. */
  async getOrLoad(key: string, load: () => Promise<V | undefined>): Promise<V | undefined> {
    const known = await this.store.get<V>(key);
    if (known !== undefined) {
      this.hits.inc();
      return known;
    }
    this.misses.inc();
    const value = await load();
    if (value !== undefined) await this.store.set(key, value);
    return value;
  }

  /** The values of many keys, in one load for those that are not there; order is kept. */
  async getOrLoadMany(
    keys: readonly string[],
    load: (missing: string[]) => Promise<Map<string, V>>,
  ): Promise<(V | undefined)[]> {
    const values = await this.store.mget<V>([...keys]);
    const missing = [...new Set(keys.filter((_key, index) => values[index] === undefined))];
    this.hits.inc(keys.length - missing.length);
    if (missing.length === 0) return values;
    this.misses.inc(missing.length);
    const loaded = await load(missing);
    await this.store.mset([...loaded].map(([key, value]) => ({ key, value })));
    return keys.map((key, index) => values[index] ?? loaded.get(key));
  }

  async forget(key: string): Promise<void> {
    await this.store.del(key);
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
