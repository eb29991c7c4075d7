import { z } from 'zod';
import { defineSection, type ConfigOf } from '../../platform/config/section.js';

/** Posts and the follow graph. */
export const postsConfig = defineSection('posts', {
  maxFollowing: z.int().min(1).max(100_000).default(5000).meta({
    description: 'Authors that one account may follow; a feed and a socket hold them all.',
  }),
});
export type PostsConfig = ConfigOf<typeof postsConfig>;
