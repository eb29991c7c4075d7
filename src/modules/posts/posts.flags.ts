import { defineFlag } from '../../platform/flags/define-flag.js';

export const postsFlags = {
  feedCache: defineFlag('posts.feed-cache', {
    description: 'The feed’s list of ids may come from Redis.',
    default: true,
  }),
};
