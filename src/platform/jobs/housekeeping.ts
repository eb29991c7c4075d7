import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Database } from '../database/database.js';
import { statement } from '../database/statement.js';
import { KEEP } from '../idempotency/idempotency.hook.js';
import { EventLog } from '../messaging/event-log.js';
import { messagingConfig, type MessagingConfig } from '../messaging/messaging.config.js';
import { Jobs } from './jobs.js';

const forgetAnswers = statement(
  'idempotency.prune',
  'DELETE FROM platform.idempotency WHERE created_at < now() - $1::interval',
);

/** Forgets what has served its time: events beyond the history, answers kept for repeats. */
@Injectable()
export class Housekeeping implements OnApplicationBootstrap {
  constructor(
    private readonly jobs: Jobs,
    private readonly events: EventLog,
    private readonly database: Database,
    @Inject(messagingConfig.KEY) private readonly config: MessagingConfig,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.jobs.schedule('platform.prune-events', '7 * * * *', () =>
      this.events.prune(this.config.historyHours),
    );
    await this.jobs.schedule('platform.prune-idempotency', '17 * * * *', async () => {
      await this.database.execute(forgetAnswers, [KEEP]);
    });
  }
}
