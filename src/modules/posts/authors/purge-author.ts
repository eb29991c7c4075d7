import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import type { Tx } from '../../../platform/database/transaction.js';
import { BATCHES_PATIENCE, inBatches } from '../../../platform/jobs/in-batches.js';
import { Jobs } from '../../../platform/jobs/jobs.js';
import { domainEvent } from '../../../platform/messaging/domain-event.js';
import { Outbox } from '../../../platform/messaging/outbox.js';
import {
  AUTHOR_PURGED,
  postChannels,
  postEvents,
  type AuthorEvent,
  type UserUnfollowed,
} from '../posts.contract.js';
import { PostsRepository } from '../posts/posts.repository.js';
import { AuthorsRepository } from './authors.repository.js';

export const PURGE_AUTHOR_QUEUE = 'posts.purge-author';
/** Rows a transaction: none of them keeps others waiting, whatever the author has written. */
const BATCH = 500;

/** An account that is gone for good. */
export interface PurgedAuthor {
  tenantId: string;
  authorId: string;
}

/** Removes the posts and follows of an account that is gone for good; may begin anew at any point. */
@Injectable()
export class PurgeAuthor implements OnApplicationBootstrap {
  constructor(
    private readonly jobs: Jobs,
    private readonly database: Database,
    private readonly posts: PostsRepository,
    private readonly authors: AuthorsRepository,
    private readonly outbox: Outbox,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const purge = (author: PurgedAuthor, signal: AbortSignal) => this.execute(author, signal);
    await this.jobs.work(PURGE_AUTHOR_QUEUE, purge, BATCHES_PATIENCE);
  }

  async execute({ tenantId, authorId }: PurgedAuthor, signal: AbortSignal): Promise<void> {
    const removePosts = async (tx: Tx) =>
      (await this.posts.removeByAuthor(tx, tenantId, authorId, BATCH)).length;
    await inBatches(signal, () => this.database.transaction(removePosts));
    const unfollow = (tx: Tx) => this.removeFollows(tx, tenantId, authorId);
    await inBatches(signal, () => this.database.transaction(unfollow));
    await this.database.transaction(async (tx) => {
      await this.authors.show(tx, authorId); // there is nothing to hide any more
      // The numbers go where they are counted, after the events above.
      const data: AuthorEvent = { authorId };
      const event = { type: AUTHOR_PURGED, tenantId, channels: [], data };
      this.outbox.append(tx, domainEvent(event));
    });
  }

  /** Each is an event of its own, from which the numbers on the other profile follow. */
  private async removeFollows(tx: Tx, tenantId: string, authorId: string): Promise<number> {
    const follows = await this.authors.removeFollows(tx, tenantId, authorId, BATCH);
    for (const follow of follows) {
      const data: UserUnfollowed = { followerId: follow.followerId, authorId: follow.authorId };
      const channels = [postChannels.follows(follow.followerId)];
      const type = postEvents.userUnfollowed;
      this.outbox.append(tx, domainEvent({ type, tenantId, channels, data }));
    }
    return follows.length;
  }
}
