import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { Tx } from '../../../platform/database/transaction.js';
import { BATCHES_PATIENCE } from '../../../platform/jobs/in-batches.js';
import { Jobs } from '../../../platform/jobs/jobs.js';
import { Consumers } from '../../../platform/messaging/consumer.js';
import { domainEvent, type LoggedEvent } from '../../../platform/messaging/domain-event.js';
import { Outbox } from '../../../platform/messaging/outbox.js';
import { authEvents, type UserEvent } from '../../auth/auth.contract.js';
import { authorEvents, type AuthorEvent } from '../posts.contract.js';
import { AuthorsRepository } from './authors.repository.js';
import { PURGE_AUTHOR_QUEUE, type PurgedAuthor } from './purge-author.js';

/**
 * Lists pass over the posts of deleted accounts, so that their pages are full. That nobody sees such a post
 * does not hang on it: without its author's profile no post is shown at all.
 */
@Injectable()
export class HideAuthors implements OnApplicationBootstrap {
  constructor(
    private readonly consumers: Consumers,
    private readonly authors: AuthorsRepository,
    private readonly outbox: Outbox,
    private readonly jobs: Jobs,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.jobs.declare(PURGE_AUTHOR_QUEUE, BATCHES_PATIENCE);
    await this.consumers.start({
      name: 'posts.hide-authors',
      types: Object.values(authEvents),
      handle: (tx, events) => this.take(tx, events),
    });
  }

  private async take(tx: Tx, events: LoggedEvent[]): Promise<void> {
    for (const event of events) {
      const { tenantId } = event;
      const { userId: authorId } = JSON.parse(event.data) as UserEvent;
      const isBack = event.type === authEvents.userRestored;
      if (isBack) await this.authors.show(tx, authorId);
      else await this.authors.hide(tx, authorId);
      const type = isBack ? authorEvents.shown : authorEvents.hidden;
      const data: AuthorEvent = { authorId };
      this.outbox.append(tx, domainEvent({ type, tenantId, channels: [], data }, event));
      if (event.type !== authEvents.userPurged) continue;
      const purged: PurgedAuthor = { tenantId, authorId };
      await this.jobs.enqueue(tx, PURGE_AUTHOR_QUEUE, purged);
    }
  }
}
