import { Injectable } from '@nestjs/common';
import { Cursors } from '../../../platform/http/cursors.js';
import { toPage, type Page } from '../../../platform/http/page.js';
import type { Principal } from '../../../platform/security/principal.js';
import { AuthApi } from '../../auth/auth.contract.js';
import type { Notification } from '../realtime.contract.js';
import { NotificationsRepository } from './notifications.repository.js';

export interface NotificationsQuery {
  unread?: boolean | undefined;
  limit: number;
  cursor?: string | undefined;
}

/** The caller's notifications, newest first; those of accounts that are gone are left out. */
@Injectable()
export class ListNotifications {
  constructor(
    private readonly notifications: NotificationsRepository,
    private readonly auth: AuthApi,
    private readonly cursors: Cursors,
  ) {}

  async execute(
    caller: Principal,
    { unread = false, limit, cursor }: NotificationsQuery,
  ): Promise<Page<Notification>> {
    const { tenantId, userId } = caller;
    const list = `notifications:${userId}:${unread}`;
    const before = cursor === undefined ? undefined : this.cursors.decode(list, cursor);
    const stored = await this.notifications.list(tenantId, userId, unread, before, limit + 1);
    const { rows, nextCursor } = toPage(stored, limit, (row) => this.cursors.encode(list, row.id));
    const actors = await this.auth.profilesByIds(
      tenantId,
      rows.map((row) => row.actorId),
    );
    const items = rows.flatMap(({ id, type, actorId, createdAt, readAt }) => {
      const actor = actors.get(actorId);
      return actor
        ? [
            {
              id,
              type,
              actor,
              createdAt: createdAt.toISOString(),
              readAt: readAt?.toISOString() ?? null,
            },
          ]
        : [];
    });
    return { items, nextCursor };
  }
}
