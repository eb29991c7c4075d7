import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { BATCHES_PATIENCE, inBatches } from '../../../platform/jobs/in-batches.js';
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
    const fill = (signal: AbortSignal) => this.execute(signal);
    await this.jobs.schedule('auth.fill-skeletons', '47 * * * *', fill, BATCHES_PATIENCE);
  }

  private async execute(signal: AbortSignal): Promise<void> {
    await inBatches(signal, () => this.fillSome());
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
