import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { BATCHES_PATIENCE, inBatches, ROWS_A_BATCH } from '../../../platform/jobs/in-batches.js';
import { Jobs } from '../../../platform/jobs/jobs.js';
import { OneTimeTokensRepository } from './one-time-tokens.repository.js';

/** Forgets expired tokens every hour. */
@Injectable()
export class PruneOneTimeTokens implements OnApplicationBootstrap {
  constructor(
    private readonly jobs: Jobs,
    private readonly tokens: OneTimeTokensRepository,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const prune = (signal: AbortSignal) => inBatches(signal, () => this.tokens.prune(ROWS_A_BATCH));
    await this.jobs.schedule('auth.prune-one-time-tokens', '37 * * * *', prune, BATCHES_PATIENCE);
  }
}
