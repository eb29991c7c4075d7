import { Inject, Injectable } from '@nestjs/common';
import { Cluster, type Redis } from 'ioredis';
import { HealthRegistry } from '../health/health.registry.js';
import { Lifecycle } from '../lifecycle/lifecycle.js';
import { requestContext } from '../observability/request-context.js';
import { traced } from '../tracing/tracing.js';
import type { Breaker } from '../resilience/breaker.js';
import { Breakers } from '../resilience/breakers.js';
import { connectRedis, type RedisClient } from './connect-redis.js';
import { redisConfig, type RedisConfig } from './redis.config.js';
import { redisTelemetry } from './redis.telemetry.js';

const SPAN = { 'db.system.name': 'redis' };
const PING_MS = 1000;
/** A write, because a server that is full or a replica answers PING well and takes none. */
const PROBE_KEY = 'probe';

/**
 * The way to Redis, where one is configured. Nothing waits for it: a start without it, its loss and
 * its return change readiness from `ok` to `degraded` and back, and whoever uses it has a fallback.
 */
@Injectable()
export class RedisConnection {
  /** Undefined where no Redis is configured. */
  readonly client: RedisClient | undefined;
  private readonly breaker: Breaker | undefined;
  /** Why the connection was lost, or cannot be had. */
  private lastError: Error | undefined;

  constructor(
    @Inject(redisConfig.KEY) private readonly config: RedisConfig,
    breakers: Breakers,
    health: HealthRegistry,
    lifecycle: Lifecycle,
  ) {
    if (!config.url) return;
    const client = connectRedis(config.url);
    const ping = (): Promise<unknown> =>
      client.status === 'ready'
        ? this.inTime(client.set(PROBE_KEY, '1', 'PX', PING_MS), PING_MS)
        : this.lost();
    this.client = client;
    this.breaker = breakers.create('redis', {
      isFailure: () => true, // commands and scripts are ours: whatever fails is Redis
      fallback: 'caches in memory, then the database; limits in memory, limit ÷ replicas',
      probe: ping,
      drop: () => client.disconnect(true),
    });
    this.watch(client, this.breaker, ping);
    health.register('redis', ping);
    lifecycle.onStop('redis', () => {
      client.removeAllListeners('close'); // this time it is meant
      client.disconnect();
    });
  }

  /** Whether it is configured and known to be gone. */
  get isDown(): boolean {
    return this.breaker?.isOpen ?? false;
  }

  /** Runs each time Redis is there again, also the first time. */
  onReady(listener: () => void): void {
    this.client?.on('ready', listener);
    this.breaker?.onClosed(listener);
  }

  /** Runs for every server that holds keys: each master of a cluster, or the one there is. */
  async forEachNode(work: (node: Redis) => Promise<void>): Promise<void> {
    const { client } = this;
    if (!client) return;
    await Promise.all((client instanceof Cluster ? client.nodes('master') : [client]).map(work));
  }

  /** Keys of one command must lie in one slot. */
  get isCluster(): boolean {
    return this.client instanceof Cluster;
  }

  /**
   * Runs commands within the time that a fallback may be late (`redis.timeoutMs`), and marks the
   * request at hand as degraded when that fails.
   *
   * @param name of its span: what is done, e.g. `cache get`; never a key
   * @throws when Redis is absent, down, too slow, or its breaker is open
   */
  async run<T>(name: string, commands: (client: RedisClient) => Promise<T>): Promise<T> {
    const { client, breaker } = this;
    if (!client || !breaker) throw new Error('no Redis is configured');
    try {
      return await breaker.run(() =>
        traced(`redis ${name}`, SPAN, () => this.inTime(commands(client))),
      );
    } catch (error) {
      const work = requestContext();
      if (work) work.degraded = 'cache';
      throw error;
    }
  }

  private async inTime<T>(answer: Promise<T>, ms = this.config.timeoutMs): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      // One more turn: after a long one of our own the answer may be there, unread.
      timer = setTimeout(() => setImmediate(() => reject(new TooLateError(ms))), ms);
    });
    try {
      return await Promise.race([answer, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Without a connection there is no need for calls to fail first; and with one, none to wait for a probe. */
  private watch(client: RedisClient, breaker: Breaker, ping: () => Promise<unknown>): void {
    client.on('error', (error: Error) => {
      if (!this.lastError) redisTelemetry.lost(error);
      this.lastError = error;
    });
    client.on('close', () => breaker.trip(this.lastError ?? new LostError()));
    client.on('ready', () => {
      // A replica is ready too, and takes no writes: only an answered one closes the breaker.
      ping().then(
        () => {
          if (this.lastError) redisTelemetry.back();
          this.lastError = undefined;
          breaker.reset();
        },
        (error: unknown) => breaker.trip(error),
      );
    });
  }

  private lost(): Promise<never> {
    return Promise.reject(this.lastError ?? new LostError());
  }
}

class LostError extends Error {
  readonly code = 'ECONNRESET';
  constructor() {
    super('the connection to Redis was lost');
  }
}

class TooLateError extends Error {
  readonly code = 'ETIMEDOUT';
  constructor(ms: number) {
    super(`Redis did not answer within ${ms} ms`);
  }
}
