import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { BATCHES_PATIENCE, inBatches } from '../../../platform/jobs/in-batches.js';
import { Jobs } from '../../../platform/jobs/jobs.js';
import { uuidAt } from '../audit/uuid-at.js';
import { SkeletonsRepository } from './skeletons.repository.js';
import { usernameSkeleton } from './username-skeleton.js';

/** Accounts a statement. */
const BATCH = 500;

/** Younger accounts are looked at: every one many times, and none for ever that looks like another. */
const LOOKED_AT_MS = 2 * 86_400_000;

/**
 * Fills in, every hour, what the names of accounts look like that the version before has made beside this one
 * (a rolling update): it knows no skeletons. One whose name looks like another's keeps none, as in the migration.
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
    // Ids have their time in them: their index finds the young ones, however many accounts there are.
    let last = uuidAt(Date.now() - LOOKED_AT_MS);
    await inBatches(signal, async () => {
      const accounts = await this.skeletons.missing(last, BATCH);
      const found = accounts.map(({ id, username }) => ({
        id,
        skeleton: usernameSkeleton(username),
      }));
      if (found.length > 0) await this.skeletons.fill(found);
      last = accounts.at(-1)?.id ?? last;
      return accounts.length;
    });
  }
}
