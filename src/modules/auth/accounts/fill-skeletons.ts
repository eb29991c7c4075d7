import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Jobs } from '../../../platform/jobs/jobs.js';
import { SkeletonsRepository } from './skeletons.repository.js';
import { usernameSkeleton } from './username-skeleton.js';

/** Accounts a statement. */
const BATCH = 500;

/**
 * Fills in, every hour, what the names of accounts look like that the version before has made: it knows no
 * skeletons, and runs beside this one during an update, or alone after one that was taken back. Each account is
 * looked at once, however old it is.
 */
@Injectable()
export class FillSkeletons implements OnApplicationBootstrap {
  constructor(
    private readonly jobs: Jobs,
    private readonly skeletons: SkeletonsRepository,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.jobs.schedule('auth.fill-skeletons', '47 * * * *', () => this.execute());
  }

  private async execute(): Promise<void> {
    while ((await this.fillSome()) === BATCH);
  }

  /** @returns how many accounts were looked at */
  private async fillSome(): Promise<number> {
    const accounts = await this.skeletons.missing(BATCH);
    const found = accounts.map(({ id, username }) => ({
      id,
      skeleton: usernameSkeleton(username),
    }));
    if (found.length > 0) await this.skeletons.fill(found);
    return found.length;
  }
}
