import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import type { Tx } from '../../../platform/database/transaction.js';
import { BATCHES_PATIENCE, inBatches } from '../../../platform/jobs/in-batches.js';
import { Jobs } from '../../../platform/jobs/jobs.js';
import { Consumers } from '../../../platform/messaging/consumer.js';
import { authEvents, type UserEvent } from '../../auth/auth.contract.js';
import { NotificationsRepository } from './notifications.repository.js';

const QUEUE = 'realtime.purge-notifications';
/** Rows a transaction: none of them keeps others waiting. */
const BATCH = 1000;

/** An account that is gone for good. */
interface PurgedUser {
  tenantId: string;
  userId: string;
}

/** Removes the notifications for and about an account that is gone for good. */
@Injectable()
export class PurgeNotifications implements OnApplicationBootstrap {
  constructor(
    private readonly jobs: Jobs,
    private readonly consumers: Consumers,
    private readonly database: Database,
    private readonly notifications: NotificationsRepository,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const purge = (user: PurgedUser, signal: AbortSignal) => this.execute(user, signal);
    await this.jobs.work(QUEUE, purge, BATCHES_PATIENCE);
    await this.consumers.start({
      name: 'realtime.purge-notifications',
      types: [authEvents.userPurged],
      handle: async (tx, events) => {
        for (const { tenantId, data } of events) {
          const user: PurgedUser = { tenantId, userId: (JSON.parse(data) as UserEvent).userId };
          await this.jobs.enqueue(tx, QUEUE, user);
        }
      },
    });
  }

  private async execute({ tenantId, userId }: PurgedUser, signal: AbortSignal): Promise<void> {
    const remove = (tx: Tx) => this.notifications.removeOf(tx, tenantId, userId, BATCH);
    await inBatches(signal, () => this.database.transaction(remove));
  }
}
