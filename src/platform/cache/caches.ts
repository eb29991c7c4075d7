import { Inject, Injectable } from '@nestjs/common';
import type { Tx } from '../database/transaction.js';
import { Bus } from '../messaging/bus.js';
import { requestContext } from '../observability/request-context.js';
import { RedisConnection } from '../redis/redis-connection.js';
import { Cache, type CacheTimes } from './cache.js';
import { cacheConfig, type CacheConfig } from './cache.config.js';
import { RedisStore } from './redis-store.js';

/** What a module says of a cache of its own. */
export interface CacheDescription<V> {
  /** Label of the metrics and beginning of the keys. */
  name: string;
  /** Goes up when the shape of the values changes, so that a new release does not read old ones. */
  version: number;
  /** How long Redis keeps a value. */
  ttlSeconds: number;
  /** False for what must be the same on all instances at once: it is then kept in Redis only. */
  inMemory?: boolean;
  /** Makes a value of what JSON left of it, e.g. dates; without it the two are the same. */
  revive?: (json: V) => V;
}

/** Makes the caches of the modules, and carries invalidations between the instances. */
@Injectable()
export class Caches {
  private readonly all = new Map<string, Cache<unknown>>();

  constructor(
    @Inject(cacheConfig.KEY) private readonly config: CacheConfig,
    private readonly redis: RedisConnection,
    private readonly bus: Bus,
  ) {
    bus.subscribe((message) => {
      if (message.topic === 'cache') void this.all.get(message.cache)?.forget(message.keys);
    });
  }

  /** The cache of that name; who asks for it again gets the same one. */
  create<V>({ name, version, ttlSeconds, inMemory = true, revive }: CacheDescription<V>): Cache<V> {
    const known = this.all.get(name);
    if (known) return known as Cache<V>;
    const { maxEntries, memorySeconds, negativeSeconds } = this.config;
    const { client } = this.redis;
    const times: CacheTimes = {
      ttlMs: ttlSeconds * 1000,
      memoryMs: inMemory ? Math.min(memorySeconds, ttlSeconds) * 1000 : 0,
      negativeMs: negativeSeconds * 1000,
    };
    const cache = new Cache<V>(name, times, {
      maxEntries,
      ...(revive && { revive }),
      ...(client && {
        shared: (telemetry) => new RedisStore(`${name}:${version}:`, this.redis, client, telemetry),
      }),
      announce: (keys, tx) => this.announce(name, keys, tx),
      noteDegraded: () => this.noteDegraded(),
    });
    this.all.set(name, cache as Cache<unknown>);
    return cache;
  }

  private announce(cache: string, keys: readonly string[], tx?: Tx): void {
    if (keys.length === 0) return;
    this.bus.tellOthers({ topic: 'cache', cache, keys: [...keys] }, tx);
  }

  private noteDegraded(): void {
    const work = requestContext();
    if (work && this.redis.isDown) work.degraded = 'cache';
  }
}
