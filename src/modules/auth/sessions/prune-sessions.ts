import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Jobs } from '../../../platform/jobs/jobs.js';
import { SessionsRepository } from './sessions.repository.js';

/** Forgets expired sessions, every hour. */
@Injectable()
export class PruneSessions implements OnApplicationBootstrap {
  constructor(
    private readonly jobs: Jobs,
    private readonly sessions: SessionsRepository,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.jobs.schedule('auth.prune-sessions', '27 * * * *', () => this.sessions.prune());
  }
}
