import { z } from 'zod';
import { defineSection, type ConfigOf } from '../config/section.js';
import { parseRedisAddress } from './redis-address.js';

function isAddress(address: string): boolean {
  try {
    parseRedisAddress(address);
    return true;
  } catch {
    return false;
  }
}

/** Redis: it only makes things faster, and may be absent or vanish at any time. */
export const redisConfig = defineSection('redis', {
  url: z
    .string()
    .refine(
      isAddress,
      'expected redis://user:password@host:port/db, redis+sentinel://host:port,host:port/master/db or redis+cluster://host:port,host:port; rediss for TLS; / ? # % in a password percent-encoded',
    )
    .optional()
    .meta({
      env: 'REDIS_URL',
      secret: true,
      description:
        'The Redis server, its sentinels (with the name of the master) or some nodes of its cluster. Without it everything works from PostgreSQL and process memory.',
    }),
  timeoutMs: z.int().min(1).max(10_000).default(50).meta({
    description: 'A command without an answer after this has failed, and its fallback is used.',
  }),
});
export type RedisConfig = ConfigOf<typeof redisConfig>;
