import { Module } from '@nestjs/common';
import { CreateNotifications } from './notifications/create-notifications.js';
import { ListNotifications } from './notifications/list-notifications.js';
import { MarkRead } from './notifications/mark-read.js';
import { NotificationsController } from './notifications/notifications.controller.js';
import {
  NotificationsRepository,
  PgNotificationsRepository,
} from './notifications/notifications.repository.js';
import { PurgeNotifications } from './notifications/purge-notifications.js';
import { AdmitUpgrade } from './sockets/admit-upgrade.js';
import { AsyncApiController } from './sockets/asyncapi.controller.js';
import { HandleFrame } from './sockets/handle-frame.js';
import { Hub } from './sockets/hub.js';
import { RealtimeGateway } from './sockets/realtime.gateway.js';
import { Resume } from './sockets/resume.js';
import { Topics } from './sockets/topics.js';

/** Realtime where it serves. */
@Module({
  controllers: [NotificationsController, AsyncApiController],
  providers: [
    { provide: NotificationsRepository, useClass: PgNotificationsRepository },
    ListNotifications,
    MarkRead,
    Hub,
    Topics,
    Resume,
    HandleFrame,
    AdmitUpgrade,
    RealtimeGateway,
  ],
})
export class RealtimeModule {}

/** Realtime's background work, for the processes that work jobs. */
@Module({
  providers: [
    { provide: NotificationsRepository, useClass: PgNotificationsRepository },
    CreateNotifications,
    PurgeNotifications,
  ],
})
export class RealtimeWorkerModule {}
