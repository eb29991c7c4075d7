import type { KeyvStoreAdapter, StoredData } from 'keyv';
import { LRUCache } from 'lru-cache';

interface Kept<V> {
  value: V;
}

/** Process memory as a level of cache-manager, and as something that can be looked into at once. */
export class LruStore<V> implements KeyvStoreAdapter {
  opts = {};
  namespace?: string;
  private readonly entries: LRUCache<string, StoredData<V> & object>;

  constructor(max: number, ttlMs: number) {
    this.entries = new LRUCache({ max, ttl: ttlMs });
  }

  /** The value, if it is there and not too old. */
  peek(key: string): V | undefined {
    return (this.entries.get(key) as Kept<V> | undefined)?.value;
  }

  get<T>(key: string): Promise<StoredData<T> | undefined> {
    return Promise.resolve(this.entries.get(key) as StoredData<T> | undefined);
  }

  /** Keyv hands over its envelope `{ value, expires }`. */
  set(key: string, value: unknown, ttlMs?: number): Promise<boolean> {
    const envelope = value as StoredData<V> & object;
    this.entries.set(key, envelope, ttlMs === undefined ? {} : { ttl: ttlMs });
    return Promise.resolve(true);
  }

  delete(key: string): Promise<boolean> {
    return Promise.resolve(this.entries.delete(key));
  }

  clear(): Promise<void> {
    this.entries.clear();
    return Promise.resolve();
  }

  on(): this {
    return this; // memory has no connection whose events could be heard
  }
}
