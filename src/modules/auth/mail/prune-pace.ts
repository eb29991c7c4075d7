import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { BATCHES_PATIENCE, inBatches, ROWS_A_BATCH } from '../../../platform/jobs/in-batches.js';
import { Jobs } from '../../../platform/jobs/jobs.js';
import { RecipientsRepository } from './recipients.repository.js';

/** Forgets every hour which mails were sent longer ago than matters to the next ones. */
@Injectable()
export class PrunePace implements OnApplicationBootstrap {
  constructor(
    private readonly jobs: Jobs,
    private readonly recipients: RecipientsRepository,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const prune = (signal: AbortSignal) =>
      inBatches(signal, () => this.recipients.prunePace(ROWS_A_BATCH));
    await this.jobs.schedule('auth.prune-mail-pace', '32 * * * *', prune, BATCHES_PATIENCE);
  }
}
