import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { ApiProblems } from '../../../platform/http/api-problems.js';
import { pageOf, pageQuery, type Page } from '../../../platform/http/page.js';
import { RequirePermission } from '../../../platform/security/access.js';
import { Caller } from '../../../platform/security/caller.js';
import type { Principal } from '../../../platform/security/principal.js';
import type { Notification } from '../realtime.contract.js';
import { ListNotifications } from './list-notifications.js';
import { MarkRead } from './mark-read.js';

const notification = z
  .object({
    id: z.uuid(),
    type: z.enum(['follow', 'like', 'comment', 'mention']),
    actor: z.object({
      id: z.uuid(),
      username: z.string(),
      displayName: z.string(),
      avatarUrl: z.string().nullable(),
    }),
    createdAt: z.iso.datetime(),
    readAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Notification' });
const notificationPage = pageOf(notification).meta({ id: 'NotificationPage' });
const listQuery = pageQuery.extend({
  unread: z
    .enum(['true', 'false'])
    .transform((value) => value === 'true')
    .optional()
    .meta({ description: 'Only those that were not read.' }),
});
const markRequest = z
  .union([
    z.strictObject({ ids: z.array(z.uuid()).min(1).max(100) }),
    z.strictObject({ upTo: z.uuid() }),
  ])
  .meta({ id: 'MarkRead', description: 'Ids, or everything up to one.' });
const marked = z.object({ marked: z.int() }).meta({ id: 'Marked' });

@ApiTags('notifications')
@Controller('api/v1/realtime/notifications')
export class NotificationsController {
  constructor(
    private readonly listNotifications: ListNotifications,
    private readonly markRead: MarkRead,
  ) {}

  /** The caller's notifications, newest first. */
  @Get()
  @RequirePermission('notifications:read')
  @ApiOkResponse({ standardSchema: notificationPage })
  @ApiProblems(400, 429)
  list(
    @Caller() caller: Principal,
    @Query({ schema: listQuery }) query: z.output<typeof listQuery>,
  ): Promise<Page<Notification>> {
    return this.listNotifications.execute(caller, query);
  }

  /** Marks notifications as read. */
  @Post('read')
  @HttpCode(200)
  @RequirePermission('notifications:write')
  @ApiOkResponse({ standardSchema: marked })
  @ApiProblems(400, 409, 422, 429)
  mark(
    @Caller() caller: Principal,
    @Body({ schema: markRequest }) body: z.output<typeof markRequest>,
  ): Promise<{ marked: number }> {
    return this.markRead.execute(caller, body);
  }
}
