import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Jobs } from '../../../platform/jobs/jobs.js';
import { RevocationsRepository } from './revocations.repository.js';
import { SessionsRepository } from './sessions.repository.js';

/** Forgets expired sessions, and revocations that no token can need any more, every hour. */
@Injectable()
export class PruneSessions implements OnApplicationBootstrap {
  constructor(
    private readonly jobs: Jobs,
    private readonly sessions: SessionsRepository,
    private readonly revocations: RevocationsRepository,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.jobs.schedule('auth.prune-sessions', '27 * * * *', async () => {
      await this.sessions.prune();
      await this.revocations.prune();
    });
  }
}
