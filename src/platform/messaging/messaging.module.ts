import { Global, Module } from '@nestjs/common';
import { Bus } from './bus.js';
import { Consumers } from './consumer.js';
import { EventLog } from './event-log.js';
import { Outbox } from './outbox.js';
import { Relay } from './relay.js';
import { Tailer } from './tailer.js';

/** Outbox → event log → bus. */
@Global()
@Module({
  providers: [Bus, EventLog, Relay, Outbox, Tailer, Consumers],
  exports: [Bus, EventLog, Outbox, Relay, Tailer, Consumers],
})
export class MessagingModule {}
