import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { BATCHES_PATIENCE, inBatches, ROWS_A_BATCH } from '../../../platform/jobs/in-batches.js';
import { Jobs } from '../../../platform/jobs/jobs.js';
import { ApiKeysRepository } from '../api-keys/api-keys.repository.js';
import { authConfig, type AuthConfig } from '../auth.config.js';
import { RevocationsRepository } from '../revocations/revocations.repository.js';
import { SessionsRepository } from './sessions.repository.js';

/**
 * Forgets every hour: expired sessions, revocations that no token can need any more, API keys a month after
 * their end, and refresh tokens of living sessions that were replaced longer ago than a session lives without a
 * refresh. One of those that comes back is simply unknown then: 401, and the session goes on.
 */
@Injectable()
export class PruneSessions implements OnApplicationBootstrap {
  constructor(
    private readonly jobs: Jobs,
    private readonly sessions: SessionsRepository,
    private readonly revocations: RevocationsRepository,
    private readonly apiKeys: ApiKeysRepository,
    @Inject(authConfig.KEY) private readonly config: AuthConfig,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const prune = async (signal: AbortSignal) => {
      // First, for the rest goes with its session: so one of these takes but a few tokens with it.
      const { refreshTokenDays } = this.config;
      await inBatches(signal, () => this.sessions.forgetReplaced(refreshTokenDays, ROWS_A_BATCH));
      await inBatches(signal, () => this.sessions.prune(ROWS_A_BATCH));
      await inBatches(signal, () => this.revocations.prune(ROWS_A_BATCH));
      await inBatches(signal, () => this.apiKeys.prune(ROWS_A_BATCH));
    };
    await this.jobs.schedule('auth.prune-sessions', '27 * * * *', prune, BATCHES_PATIENCE);
  }
}
