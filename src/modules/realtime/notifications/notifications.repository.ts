import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { statement } from '../../../platform/database/statement.js';
import type { Tx } from '../../../platform/database/transaction.js';
import type { Notification } from '../realtime.contract.js';

const insert = statement(
  'notifications.insert',
  `INSERT INTO realtime.notifications (id, tenant_id, user_id, type, actor_id, created_at)
   SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::uuid[], $6::timestamptz[])
   ON CONFLICT DO NOTHING RETURNING id`,
);
const list = statement(
  'notifications.list',
  `SELECT id, type, actor_id AS "actorId", created_at AS "createdAt", read_at AS "readAt"
   FROM realtime.notifications
   WHERE tenant_id = $1 AND user_id = $2 AND ($3::uuid IS NULL OR id < $3) ORDER BY id DESC LIMIT $4`,
);
const listUnread = statement(
  'notifications.listUnread',
  `SELECT id, type, actor_id AS "actorId", created_at AS "createdAt", read_at AS "readAt"
   FROM realtime.notifications
   WHERE tenant_id = $1 AND user_id = $2 AND read_at IS NULL AND ($3::uuid IS NULL OR id < $3)
   ORDER BY id DESC LIMIT $4`,
);
const markIds = statement(
  'notifications.markIds',
  `UPDATE realtime.notifications SET read_at = now()
   WHERE tenant_id = $1 AND user_id = $2 AND id = ANY($3::uuid[]) AND read_at IS NULL`,
);
const markUpTo = statement(
  'notifications.markUpTo',
  `UPDATE realtime.notifications SET read_at = now()
   WHERE tenant_id = $1 AND user_id = $2 AND id <= $3 AND read_at IS NULL`,
);

const removeOf = statement(
  'notifications.removeOf',
  `DELETE FROM realtime.notifications WHERE id IN (
     (SELECT id FROM realtime.notifications WHERE tenant_id = $1 AND user_id = $2 LIMIT $3)
     UNION
     (SELECT id FROM realtime.notifications WHERE actor_id = $2 LIMIT $3)
   )`,
);

export interface NewNotification {
  id: string;
  tenantId: string;
  userId: string;
  type: Notification['type'];
  actorId: string;
  createdAt: string;
}

export interface StoredNotification {
  id: string;
  type: Notification['type'];
  actorId: string;
  createdAt: Date;
  readAt: Date | null;
}

/** Notifications of users. */
export abstract class NotificationsRepository {
  /** @returns the ids of those that are new */
  abstract insert(tx: Tx, notifications: readonly NewNotification[]): Promise<Set<string>>;
  abstract list(
    tenantId: string,
    userId: string,
    unreadOnly: boolean,
    before: string | undefined,
    limit: number,
  ): Promise<StoredNotification[]>;
  abstract markRead(
    tx: Tx,
    tenantId: string,
    userId: string,
    which: { ids: string[] } | { upTo: string },
  ): Promise<number>;
  /** Removes notifications for and about a user, at most `limit` of each. @returns how many */
  abstract removeOf(tx: Tx, tenantId: string, userId: string, limit: number): Promise<number>;
}

@Injectable()
export class PgNotificationsRepository extends NotificationsRepository {
  constructor(private readonly database: Database) {
    super();
  }

  async insert(tx: Tx, notifications: readonly NewNotification[]): Promise<Set<string>> {
    const rows = await tx.query<{ id: string }>(insert, [
      notifications.map((notification) => notification.id),
      notifications.map((notification) => notification.tenantId),
      notifications.map((notification) => notification.userId),
      notifications.map((notification) => notification.type),
      notifications.map((notification) => notification.actorId),
      notifications.map((notification) => notification.createdAt),
    ]);
    return new Set(rows.map((row) => row.id));
  }

  list(
    tenantId: string,
    userId: string,
    unreadOnly: boolean,
    before: string | undefined,
    limit: number,
  ): Promise<StoredNotification[]> {
    const values = [tenantId, userId, before ?? null, limit];
    return this.database.readFresh<StoredNotification & Record<string, unknown>>(
      unreadOnly ? listUnread : list,
      values,
    );
  }

  markRead(
    tx: Tx,
    tenantId: string,
    userId: string,
    which: { ids: string[] } | { upTo: string },
  ): Promise<number> {
    return 'ids' in which
      ? tx.execute(markIds, [tenantId, userId, which.ids])
      : tx.execute(markUpTo, [tenantId, userId, which.upTo]);
  }

  removeOf(tx: Tx, tenantId: string, userId: string, limit: number): Promise<number> {
    return tx.execute(removeOf, [tenantId, userId, limit]);
  }
}
