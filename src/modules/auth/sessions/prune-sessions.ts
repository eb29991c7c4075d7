import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { BATCHES_PATIENCE, inBatches } from '../../../platform/jobs/in-batches.js';
import { Jobs } from '../../../platform/jobs/jobs.js';
import { authConfig, type AuthConfig } from '../auth.config.js';
import { RevocationsRepository } from '../revocations/revocations.repository.js';
import { SessionsRepository } from './sessions.repository.js';

/** Tokens a statement: short enough for the pool's time limit, and for replicas to follow. */
const BATCH = 5000;

/**
 * Forgets every hour: expired sessions, revocations that no token can need any more, and refresh tokens of
 * living sessions that were replaced longer ago than a session lives without a refresh. One of those that
 * comes back is simply unknown then: 401, and the session goes on.
 */
@Injectable()
export class PruneSessions implements OnApplicationBootstrap {
  constructor(
    private readonly jobs: Jobs,
    private readonly sessions: SessionsRepository,
    private readonly revocations: RevocationsRepository,
    @Inject(authConfig.KEY) private readonly config: AuthConfig,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const prune = async (signal: AbortSignal) => {
      await this.sessions.prune();
      await this.revocations.prune();
      const { refreshTokenDays } = this.config;
      await inBatches(signal, () => this.sessions.forgetReplaced(refreshTokenDays, BATCH));
    };
    await this.jobs.schedule('auth.prune-sessions', '27 * * * *', prune, BATCHES_PATIENCE);
  }
}
