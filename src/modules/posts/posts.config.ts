import { z } from 'zod';
import { defineSection, type ConfigOf } from '../../platform/config/section.js';

/** Posts and the follow graph. */
export const postsConfig = defineSection('posts', {
  postCacheSeconds: z.int().min(1).max(86_400).default(600).meta({
    description: 'How long a post is cached.',
  }),
  feedCacheSeconds: z.int().min(1).max(86_400).default(300).meta({
    description: 'How long the ids of a feed are cached; a new post ends it earlier.',
  }),
  maxFollowing: z.int().min(1).max(100_000).default(5000).meta({
    description: 'Authors that one account may follow; a feed and a socket hold them all.',
  }),
});
export type PostsConfig = ConfigOf<typeof postsConfig>;
