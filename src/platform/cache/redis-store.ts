import { redisInsStore } from 'cache-manager-ioredis-yet';
import type { KeyvEntry, KeyvStoreAdapter, StoredData } from 'keyv';
import type { RedisClient } from '../redis/connect-redis.js';
import type { RedisConnection } from '../redis/redis-connection.js';
import type { CacheTelemetry } from './cache.telemetry.js';

/** The package's types want an older cache-manager than there is; these are the parts that are used. */
interface Store {
  get(key: string): Promise<unknown>;
  mget(...keys: string[]): Promise<unknown[]>;
  set(key: string, value: unknown, ttlMs: number): Promise<void>;
}

/** Longer than any statement: a load that read the old row has ended by then. */
const INVALIDATED_MS = 12_000;
const LOCK_MS = 1000;
const MAX_UNSENT = 10_000;

/**
 * Redis as a level of cache-manager. It is handed texts that begin with a brace, since the package
 * reads strings like `_date_…` inside of objects as something else than text. Whatever goes wrong with it is a miss, within the time that
 * `redis.timeoutMs` grants; writing is not waited for.
 *
 * A key that was invalidated stays empty for a while: beside it stands a mark, and who fills a key and
 * finds the mark takes the value back. So a slow load cannot bring an old value back for minutes.
 * Invalidations that Redis could not take are kept and sent when it is back; until then nothing is
 * read from it.
 */
export class RedisStore implements KeyvStoreAdapter {
  opts = {};
  namespace?: string;
  private readonly store: Store;
  private readonly unsent = new Set<string>();
  private overflown = false;

  constructor(
    private readonly prefix: string,
    private readonly redis: RedisConnection,
    client: RedisClient,
    private readonly telemetry: CacheTelemetry,
  ) {
    this.store = redisInsStore(client) as unknown as Store;
    redis.onReady(() => void this.resend());
  }

  async get<T>(key: string): Promise<StoredData<T> | undefined> {
    return (await this.getMany<T>([key]))[0];
  }

  async getMany<T>(keys: string[]): Promise<StoredData<T>[]> {
    const none = keys.map((): StoredData<T> => undefined);
    if (this.unsent.size > 0 || this.overflown) return none;
    try {
      return await this.redis.run(() => this.read<T>(keys.map((key) => this.prefix + key)));
    } catch {
      this.telemetry.redis('error', keys.length); // the breaker knows why
      return none;
    }
  }

  set(key: string, value: unknown, ttlMs = 0): Promise<boolean> {
    void this.setMany([{ key, value, ttl: ttlMs }]);
    return Promise.resolve(true);
  }

  setMany(entries: KeyvEntry[]): Promise<void> {
    const keys = entries.map(({ key }) => this.prefix + key);
    const written = this.redis.run(async (client) => {
      const marks = await Promise.all([
        ...keys.map((key) => client.exists(markOf(key))),
        ...entries.map(({ value, ttl }, index) =>
          this.store.set(keys[index] ?? '', value, Math.round(ttl ?? 0)),
        ),
      ]);
      const taken = keys.filter((_key, index) => marks[index] === 1);
      await Promise.all([
        ...taken.map((key) => client.unlink(key)),
        ...keys.map((key) => client.unlink(lockOf(key))),
      ]);
    });
    written.catch(() => this.telemetry.redis('error', entries.length));
    return Promise.resolve();
  }

  async delete(key: string): Promise<boolean> {
    return this.deleteMany([key]);
  }

  /** Waited for, so that who changed something does not read the old value behind their own answer. */
  async deleteMany(keys: string[]): Promise<boolean> {
    const names = keys.map((key) => this.prefix + key);
    try {
      await this.redis.run((client) =>
        Promise.all(
          names.flatMap((name) => [
            client.set(markOf(name), '1', 'PX', INVALIDATED_MS),
            client.unlink(name),
          ]),
        ),
      );
      return true;
    } catch {
      this.telemetry.redis('error', keys.length);
      for (const name of names) this.remember(name);
      return false;
    }
  }

  /** Forgets all entries of this cache. */
  async clear(): Promise<void> {
    await this.redis.forEachNode(async (node) => {
      for await (const names of node.scanStream({ match: `${this.prefix}*`, count: 1000 })) {
        if ((names as string[]).length > 0)
          await Promise.all((names as string[]).map((name) => node.unlink(name)));
      }
    });
  }

  on(): this {
    return this; // the connection is heard by its owner
  }

  /** Whether this instance is the one that loads the key; also when Redis cannot say. */
  async mayLoad(key: string): Promise<boolean> {
    try {
      const lock = lockOf(this.prefix + key);
      return (
        (await this.redis.run((client) => client.set(lock, '1', 'PX', LOCK_MS, 'NX'))) === 'OK'
      );
    } catch {
      return true;
    }
  }

  private async read<T>(names: string[]): Promise<StoredData<T>[]> {
    if (names.length === 1 || this.redis.isCluster)
      return Promise.all(names.map((name) => this.store.get(name) as Promise<StoredData<T>>));
    return (await this.store.mget(...names)) as StoredData<T>[];
  }

  private remember(name: string): void {
    if (this.unsent.size < MAX_UNSENT) this.unsent.add(name);
    else this.overflown = true;
  }

  /** What was invalidated while Redis was away is invalidated now; too much of it empties the cache. */
  private async resend(): Promise<void> {
    if (this.overflown) {
      await this.clear();
      this.overflown = false;
    }
    const names = [...this.unsent];
    this.unsent.clear();
    if (names.length > 0)
      await this.deleteMany(names.map((name) => name.slice(this.prefix.length)));
  }
}

// Braces keep a key's mark and lock in its slot of a cluster.
const markOf = (name: string): string => `gone:{${name}}`;
const lockOf = (name: string): string => `load:{${name}}`;
