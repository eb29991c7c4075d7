import { Global, Inject, Module, type OnModuleInit } from '@nestjs/common';
import { Redis } from 'ioredis';
import { HealthRegistry } from '../health/health.registry.js';
import { Lifecycle } from '../lifecycle/lifecycle.js';
import { log } from '../observability/logger.js';
import { redisConfig, type RedisConfig } from './redis.config.js';

/**
 * The connection to Redis, where one is configured. Nothing waits for it: a start without it, its
 * loss and its return change readiness from `ok` to `degraded` and back, and nothing else.
 */
@Global()
@Module({})
export class RedisModule implements OnModuleInit {
  constructor(
    @Inject(redisConfig.KEY) private readonly config: RedisConfig,
    private readonly health: HealthRegistry,
    private readonly lifecycle: Lifecycle,
  ) {}

  onModuleInit(): void {
    const { url } = this.config;
    if (!url) return;
    const redis = new Redis(url, {
      enableOfflineQueue: false, // a command while it is down fails at once instead of piling up
      maxRetriesPerRequest: 0,
      connectTimeout: 2000,
      retryStrategy: (attempt) => Math.min(attempt * 100, 2000),
    });
    let lost = false;
    redis.on('error', (error: Error) => {
      if (!lost)
        log.warn(
          { err: error, event: 'redis_lost' },
          'Redis is not there; everything has a fallback',
        );
      lost = true;
    });
    redis.on('ready', () => {
      if (lost) log.info({ event: 'redis_back' }, 'Redis is back');
      lost = false;
    });
    this.health.register('redis', () => redis.ping(), false);
    this.lifecycle.onStop('bus', () => redis.disconnect());
  }
}
