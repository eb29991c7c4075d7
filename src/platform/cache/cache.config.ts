import { z } from 'zod';
import { defineSection, type ConfigOf } from '../config/section.js';

/** Caches: memory, then Redis where there is one. What is true stays in PostgreSQL. */
export const cacheConfig = defineSection('cache', {
  maxEntries: z
    .int()
    .min(1)
    .default(10_000)
    .meta({ description: 'Entries a cache keeps in the memory of one process at most.' }),
  memorySeconds: z.number().min(0.1).max(60).default(5).meta({
    description:
      'How long an entry is kept in memory. Changes reach all instances by message; should one be lost, this is how long the old value may still be seen.',
  }),
  negativeSeconds: z.number().min(0.1).max(600).default(10).meta({
    description: 'How long it is remembered that something does not exist.',
  }),
});
export type CacheConfig = ConfigOf<typeof cacheConfig>;
