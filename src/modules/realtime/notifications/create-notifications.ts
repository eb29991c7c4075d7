import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { Tx } from '../../../platform/database/transaction.js';
import { Consumers } from '../../../platform/messaging/consumer.js';
import { domainEvent, type LoggedEvent } from '../../../platform/messaging/domain-event.js';
import { Outbox } from '../../../platform/messaging/outbox.js';
import { postEvents, type UserFollowed } from '../../posts/posts.contract.js';
import { notificationChannel, realtimeEvents, type Notification } from '../realtime.contract.js';
import { realtimeTelemetry } from '../realtime.telemetry.js';
import { NotificationsRepository } from './notifications.repository.js';

/** Makes notifications of what happened: row, event and position in the log commit together. */
@Injectable()
export class CreateNotifications implements OnApplicationBootstrap {
  constructor(
    private readonly consumers: Consumers,
    private readonly notifications: NotificationsRepository,
    private readonly outbox: Outbox,
  ) {}

  onApplicationBootstrap(): Promise<void> {
    return this.consumers.start({
      name: 'realtime.notifications',
      types: [postEvents.userFollowed],
      handle: (tx, events) => this.create(tx, events),
    });
  }

  private async create(tx: Tx, events: LoggedEvent[]): Promise<void> {
    const causes = new Map<string, LoggedEvent>();
    const drafts = events.map((event) => {
      const { tenantId, data, at } = event;
      const { follower, followed } = JSON.parse(data) as UserFollowed;
      const id = uuidv7();
      causes.set(id, event);
      return {
        id,
        tenantId,
        userId: followed.id,
        type: 'follow' as const,
        actorId: follower.id,
        createdAt: at,
        actor: follower,
      };
    });
    const created = await this.notifications.insert(tx, drafts);
    for (const { id, tenantId, userId, type, actor, createdAt } of drafts) {
      if (!created.has(id)) continue;
      const data: Notification = { id, type, actor, createdAt, readAt: null };
      const channels = [notificationChannel(userId)];
      this.outbox.append(
        tx,
        domainEvent(
          { type: realtimeEvents.notificationCreated, tenantId, channels, data },
          causes.get(id),
        ),
      );
      tx.onCommitted(() => realtimeTelemetry.notified(type));
    }
  }
}
