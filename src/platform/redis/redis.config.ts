import { z } from 'zod';
import { defineSection, type ConfigOf } from '../config/section.js';

/** Redis: it only makes things faster, and may be absent or vanish at any time. */
export const redisConfig = defineSection('redis', {
  url: z
    .string()
    .regex(/^rediss?:\/\/.+/, 'expected redis://host:port or rediss://host:port')
    .optional()
    .meta({
      env: 'REDIS_URL',
      secret: true,
      description:
        'The Redis server. Without it everything works from PostgreSQL and process memory.',
    }),
});
export type RedisConfig = ConfigOf<typeof redisConfig>;
