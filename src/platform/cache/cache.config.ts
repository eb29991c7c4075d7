import { z } from 'zod';
import { defineSection, type ConfigOf } from '../config/section.js';

/** Caches in memory; what is true stays in PostgreSQL. */
export const cacheConfig = defineSection('cache', {
  maxEntries: z
    .int()
    .min(0)
    .default(10_000)
    .meta({ description: 'Entries a cache of one process keeps at most.' }),
});
export type CacheConfig = ConfigOf<typeof cacheConfig>;
