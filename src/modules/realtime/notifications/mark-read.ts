import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import type { Principal } from '../../../platform/security/principal.js';
import { NotificationsRepository } from './notifications.repository.js';

/** Marks notifications of the caller as read; those of others and unknown ones are passed over. */
@Injectable()
export class MarkRead {
  constructor(
    private readonly database: Database,
    private readonly notifications: NotificationsRepository,
  ) {}

  /** @returns how many were unread before */
  async execute(
    caller: Principal,
    which: { ids: string[] } | { upTo: string },
  ): Promise<{ marked: number }> {
    return this.database.transaction(async (tx) => ({
      marked: await this.notifications.markRead(tx, caller.tenantId, caller.userId, which),
    }));
  }
}
