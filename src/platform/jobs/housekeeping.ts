import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Database } from '../database/database.js';
import { statement } from '../database/statement.js';
import { KEEP } from '../idempotency/idempotency.hook.js';
import { EventLog } from '../messaging/event-log.js';
import { messagingConfig, type MessagingConfig } from '../messaging/messaging.config.js';
import { BATCHES_PATIENCE, inBatches, ROWS_A_BATCH } from './in-batches.js';
import { Jobs } from './jobs.js';

const forgetAnswers = statement(
  'idempotency.prune',
  `DELETE FROM platform.idempotency WHERE created_at < now() - $1::interval AND id = ANY (ARRAY(
     SELECT id FROM platform.idempotency WHERE created_at < now() - $1::interval LIMIT $2
   ))`,
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
    const { historyHours } = this.config;
    const prune = (signal: AbortSignal) =>
      inBatches(signal, () => this.events.prune(historyHours, ROWS_A_BATCH));
    await this.jobs.schedule('platform.prune-events', '7 * * * *', prune, BATCHES_PATIENCE);
    const forget = (signal: AbortSignal) =>
      inBatches(signal, () => this.database.execute(forgetAnswers, [KEEP, ROWS_A_BATCH]));
    await this.jobs.schedule('platform.prune-idempotency', '17 * * * *', forget, BATCHES_PATIENCE);
  }
}
