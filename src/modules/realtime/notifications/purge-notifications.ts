import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import type { Tx } from '../../../platform/database/transaction.js';
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
    await this.jobs.work<PurgedUser>(QUEUE, (user) => this.execute(user));
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

  async execute({ tenantId, userId }: PurgedUser): Promise<void> {
    const remove = (tx: Tx) => this.notifications.removeOf(tx, tenantId, userId, BATCH);
    while ((await this.database.transaction(remove)) > 0);
  }
}
