import type { KeyvStoreAdapter, StoredData } from 'keyv';
import { LRUCache } from 'lru-cache';
import type { Entry } from './entry.js';

/** Keyv's envelope; `invalidated` marks a key that must not be filled for a moment. */
type Kept<V> = { value: Entry<V> } | 'invalidated';

/** A load that began before an invalidation may end after it, and must not bring the old value back. */
const INVALIDATED_MS = 1000;

/** Process memory as a level of cache-manager, and as something that can be looked into at once. */
export class LruStore<V> implements KeyvStoreAdapter {
  opts = {};
  namespace?: string;
  private readonly entries: LRUCache<string, Kept<V> & (object | string)>;

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
  }

  /** The entry, if it is there and not too old. */
  peek(key: string): Entry<V> | undefined {
    const kept = this.entries.get(key);
    return kept === undefined || kept === 'invalidated' ? undefined : kept.value;
  }

  /** Keeps what came from the other level. */
  put(key: string, entry: Entry<V>): void {
    if (this.entries.get(key) !== 'invalidated') this.entries.set(key, { value: entry });
  }

  /** Forgets a key, and leaves it empty for a moment. */
  invalidate(key: string): void {
    this.entries.set(key, 'invalidated', { ttl: Math.min(INVALIDATED_MS, this.ttlMs) });
  }

  get<T>(key: string): Promise<StoredData<T> | undefined> {
    const kept = this.entries.get(key);
    return Promise.resolve(kept === 'invalidated' ? undefined : (kept as StoredData<T>));
  }

  /** Keyv hands over its envelope `{ value, expires }`. */
  set(key: string, value: unknown, ttlMs = this.ttlMs): Promise<boolean> {
    if (this.entries.get(key) === 'invalidated') return Promise.resolve(false);
    this.entries.set(key, value as { value: Entry<V> }, { ttl: Math.min(ttlMs, this.ttlMs) });
    return Promise.resolve(true);
  }

  delete(key: string): Promise<boolean> {
    this.invalidate(key);
    return Promise.resolve(true);
  }

  clear(): Promise<void> {
    this.entries.clear();
    return Promise.resolve();
  }

  on(): this {
    return this; // memory has no connection whose events could be heard
  }
}
