import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
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
    await this.jobs.schedule('auth.prune-one-time-tokens', '37 * * * *', () => this.tokens.prune());
  }
}
