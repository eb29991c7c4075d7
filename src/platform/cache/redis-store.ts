import { redisInsStore } from 'cache-manager-ioredis-yet';
import type { KeyvEntry, KeyvStoreAdapter, StoredData } from 'keyv';
import { requestContext, runOutsideContext } from '../observability/request-context.js';
import type { RedisClient } from '../redis/connect-redis.js';
import type { RedisConnection } from '../redis/redis-connection.js';
import type { CacheTelemetry } from './cache.telemetry.js';
import { INVALIDATED_MS } from './entry.js';

/** The package's types want an older cache-manager than there is; these are the parts that are used. */
interface Store {
  get(key: string): Promise<unknown>;
  mget(...keys: string[]): Promise<unknown[]>;
  set(key: string, value: unknown, ttlMs: number): Promise<void>;
}

/** Who loads a key and does not come back holds up the others of all instances for so long at most. */
const LOCK_MS = 1000;
const MAX_UNSENT = 10_000;
const RESEND_MS = 500;
/** Invalidations that are sent again at once; with more, Redis would be too late to answer. */
const RESEND_KEYS = 200;

/**
 * Redis as a level of cache-manager. It is handed texts that begin with a brace, since the package reads
 * strings like `_date_…` inside of objects as something else than text. Whatever goes wrong with it is a
 * miss, within the time that `redis.timeoutMs` grants once a request; writing is not waited for.
 *
 * A key that was invalidated stays empty for a while: beside it stands a mark, and who fills a key and
 * finds the mark takes the value back. So a slow load cannot bring an old value back for minutes.
 * Invalidations that Redis could not take are kept and sent again; until then nothing is read from it.
 */
export class RedisStore implements KeyvStoreAdapter {
  opts = {};
  namespace?: string;
  private readonly store: Store;
  private unsent = new Set<string>();
  /** More could not be sent than is remembered. */
  private overflown = false;
  private resending = false;
  private retry: NodeJS.Timeout | undefined;

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
    if (this.mayBeOld || isWithoutRedis()) return none;
    try {
      return await this.redis.run('cache get', () =>
        this.read<T>(keys.map((key) => this.prefix + key)),
      );
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
    const names = entries.map(({ key }) => this.prefix + key);
    const written = this.redis.run('cache set', async (client) => {
      const writes = entries.map(({ value, ttl }, index) =>
        this.store.set(names[index] ?? '', value, Math.max(1, Math.round(ttl ?? 0))),
      );
      // Asked behind the write: whoever invalidates sets the mark first and then deletes, so either
      // they delete what is written here or their mark is seen here.
      const asked = names.map((name) => client.exists(markOf(name)));
      const [marks] = await Promise.all([Promise.all(asked), Promise.all(writes)]);
      const taken = names.filter((_name, index) => marks[index] === 1);
      await Promise.all(taken.map((name) => client.unlink(name)));
    });
    written.catch(() => this.telemetry.redis('error', entries.length));
    return Promise.resolve();
  }

  /** Keyv's own, for what has expired by our clock; it leaves no mark. */
  async delete(key: string): Promise<boolean> {
    return this.deleteMany([key]);
  }

  deleteMany(keys: string[]): Promise<boolean> {
    this.send((client) => keys.map((key) => client.unlink(this.prefix + key)));
    return Promise.resolve(true);
  }

  /** Waited for, so that who changed something does not read the old value behind their own answer. */
  async invalidate(keys: readonly string[]): Promise<void> {
    const names = keys.map((key) => this.prefix + key);
    try {
      await this.forget(names);
    } catch {
      this.telemetry.redis('error', keys.length);
      for (const name of names) this.remember(name);
      this.resendLater();
    }
  }

  /** Forgets all entries of this cache. */
  async clear(): Promise<void> {
    await this.redis.forEachNode(async (node) => {
      for await (const names of node.scanStream({ match: `${this.prefix}*`, count: 1000 })) {
        await Promise.all((names as string[]).map((name) => node.unlink(name)));
      }
    });
  }

  on(): this {
    return this; // the connection is heard by its owner
  }

  /** @returns the keys that this instance is the one to load; all of them when Redis cannot say */
  async lock(keys: string[]): Promise<string[]> {
    if (keys.length === 0 || this.mayBeOld || isWithoutRedis()) return keys;
    try {
      const taken = await this.redis.run('cache lock', (client) =>
        Promise.all(
          keys.map((key) => client.set(lockOf(this.prefix + key), '1', 'PX', LOCK_MS, 'NX')),
        ),
      );
      return keys.filter((_key, index) => taken[index] === 'OK');
    } catch {
      return keys;
    }
  }

  unlock(keys: string[]): void {
    if (keys.length === 0 || this.mayBeOld || isWithoutRedis()) return;
    this.send((client) => keys.map((key) => client.unlink(lockOf(this.prefix + key))));
  }

  /** Whether Redis may hold what this instance knows to have changed. */
  private get mayBeOld(): boolean {
    return this.unsent.size > 0 || this.overflown || this.resending;
  }

  private async read<T>(names: string[]): Promise<StoredData<T>[]> {
    if (names.length === 1 || this.redis.isCluster)
      return Promise.all(names.map((name) => this.store.get(name) as Promise<StoredData<T>>));
    return (await this.store.mget(...names)) as StoredData<T>[];
  }

  /** Sends what may as well be lost. */
  private send(commands: (client: RedisClient) => Promise<unknown>[]): void {
    this.redis.run('cache write', (client) => Promise.all(commands(client))).catch(() => undefined);
  }

  private async forget(names: readonly string[]): Promise<void> {
    await this.redis.run('cache forget', (client) =>
      Promise.all(
        names.flatMap((name) => [
          client.set(markOf(name), '1', 'PX', INVALIDATED_MS),
          client.unlink(name),
        ]),
      ),
    );
  }

  private remember(name: string): void {
    if (this.unsent.size < MAX_UNSENT) this.unsent.add(name);
    else this.overflown = true;
  }

  private resendLater(): void {
    runOutsideContext(() => {
      this.retry ??= setTimeout(() => void this.resend(), RESEND_MS).unref();
    });
  }

  /** What Redis could not take it takes now; too much of it empties the cache. */
  private async resend(): Promise<void> {
    clearTimeout(this.retry);
    this.retry = undefined;
    if (this.resending) return this.resendLater();
    if (!this.mayBeOld) return;
    this.resending = true;
    const names = [...this.unsent];
    const all = this.overflown;
    this.unsent = new Set();
    this.overflown = false;
    try {
      if (all) await this.clear();
      while (names.length > 0) {
        await this.forget(names.slice(0, RESEND_KEYS));
        names.splice(0, RESEND_KEYS);
      }
    } catch {
      for (const name of names) this.remember(name);
      this.overflown ||= all;
      this.resendLater();
    } finally {
      this.resending = false;
    }
  }
}

/** A request that has waited for Redis in vain once does not wait again. */
const isWithoutRedis = (): boolean => requestContext()?.degraded === 'cache';

// Braces keep a key's mark and lock in its slot of a cluster.
const markOf = (name: string): string => `gone:{${name}}`;
const lockOf = (name: string): string => `load:{${name}}`;
