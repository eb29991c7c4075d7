import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { BATCHES_PATIENCE, inBatches, ROWS_A_BATCH } from '../../../platform/jobs/in-batches.js';
import { Jobs } from '../../../platform/jobs/jobs.js';
import { authConfig, type AuthConfig } from '../auth.config.js';
import { AuditRepository } from './audit.repository.js';

/** Forgets lines of the audit log that are older than `auth.auditDays`, every night. */
@Injectable()
export class PruneAudit implements OnApplicationBootstrap {
  constructor(
    private readonly jobs: Jobs,
    private readonly entries: AuditRepository,
    @Inject(authConfig.KEY) private readonly config: AuthConfig,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const prune = (signal: AbortSignal) =>
      inBatches(signal, () => this.entries.prune(this.config.auditDays, ROWS_A_BATCH));
    await this.jobs.schedule('auth.prune-audit', '41 3 * * *', prune, BATCHES_PATIENCE);
  }
}
