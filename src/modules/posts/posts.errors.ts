import { defineErrors } from '../../platform/errors/catalogue.js';

export const postsErrors = defineErrors({
  cannot_follow_self: {
    status: 400,
    title: 'Nobody follows themselves',
    help: 'Your own posts are in your feed without it.',
  },
  following_limit: {
    status: 409,
    title: 'No more authors can be followed',
    help: 'Unfollow someone first.',
  },
});
