import { loggerOf } from '../logging/logger.js';

const log = loggerOf('redis');

/** What is logged of Redis; what it costs is counted where it is used. */
export const redisTelemetry = {
  lost(error: Error): void {
    log.warn({ err: error, event: 'redis_lost' }, 'Redis is not there; everything has a fallback');
  },

  back(): void {
    log.info({ event: 'redis_back' }, 'Redis is back');
  },
};
