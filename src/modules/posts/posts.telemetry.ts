import { loggerOf } from '../../platform/logging/logger.js';
import { counter } from '../../platform/metrics/metrics.js';

const log = loggerOf('posts');

const created = counter('posts_created_total', 'Posts created.', ['kind']);

/** One call an event: a counter with few labels, a log record with the detail. */
export const postsTelemetry = {
  postCreated(postId: string, kind: string): void {
    created.inc({ kind });
    log.debug({ event: 'post_created', post_id: postId }, 'post created');
  },
  followed(authorId: string): void {
    log.debug({ event: 'followed', author_id: authorId }, 'author followed');
  },
};
