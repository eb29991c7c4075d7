import type { KeyvStoreAdapter, StoredData } from 'keyv';
import { LRUCache } from 'lru-cache';
import { INVALIDATED_MS, type Entry } from './entry.js';

/** Keyv's envelope. */
interface Kept<V> {
  value: Entry<V>;
}

/**
 * Process memory as a level of cache-manager, and as something that can be looked into at once.
 *
 * When a key was invalidated is remembered for longer than any load takes: what was loaded before must not
 * come back, and what another level has may have been put there by such a load.
 */
export class LruStore<V> implements KeyvStoreAdapter {
  opts = {};
  namespace?: string;
  private readonly entries: LRUCache<string, Kept<V>>;
  private readonly invalidated: LRUCache<string, number>;

  /** @param ttlMs how long it keeps an entry at most, whatever the caller asks for */
  constructor(
    max: number,
    private readonly ttlMs: number,
    evicted: () => void,
  ) {
    this.entries = new LRUCache({
      max,
      ttl: ttlMs,
      dispose: (_kept, _key, reason) => {
        if (reason === 'evict') evicted();
      },
    });
    this.invalidated = new LRUCache({ max, ttl: INVALIDATED_MS });
  }

  /** The entry, if it is there and not too old. */
  peek(key: string): Entry<V> | undefined {
    return this.entries.get(key)?.value;
  }

  /** Keeps what came from the other level, unless the key was invalidated just now. */
  put(key: string, entry: Entry<V>): void {
    if (!this.invalidated.has(key)) this.entries.set(key, { value: entry });
  }

  /** Whether what was loaded from `since` on (`performance.now()`) is still what there is. */
  isSound(key: string, since: number): boolean {
    return (this.invalidated.get(key) ?? -Infinity) < since;
  }

  /** Forgets a key, and what is being loaded for it. */
  invalidate(key: string): void {
    this.entries.delete(key);
    this.invalidated.set(key, performance.now());
  }

  get<T>(key: string): Promise<StoredData<T> | undefined> {
    return Promise.resolve(this.entries.get(key) as StoredData<T> | undefined);
  }

  /** Keyv hands over its envelope `{ value, expires }`. */
  set(key: string, value: unknown, ttlMs = this.ttlMs): Promise<boolean> {
    this.entries.set(key, value as Kept<V>, { ttl: Math.min(ttlMs, this.ttlMs) });
    return Promise.resolve(true);
  }

  /** Keyv's own, for what has expired. */
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
