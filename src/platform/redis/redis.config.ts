import { z } from 'zod';
import { defineSection, type ConfigOf } from '../config/section.js';

const forms =
  /^(rediss?:\/\/.+|rediss?\+sentinel:\/\/[^/]+\/[^/?]+(\/\d+)?|rediss?\+cluster:\/\/[^/]+)/;

/** Redis: it only makes things faster, and may be absent or vanish at any time. */
export const redisConfig = defineSection('redis', {
  url: z
    .string()
    .regex(
      forms,
      'expected redis://host:port, rediss://host:port, redis+sentinel://host:port,host:port/master or redis+cluster://host:port,host:port',
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
