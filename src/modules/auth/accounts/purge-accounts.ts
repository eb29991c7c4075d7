import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { BATCHES_PATIENCE, inBatches } from '../../../platform/jobs/in-batches.js';
import { Jobs } from '../../../platform/jobs/jobs.js';
import { domainEvent } from '../../../platform/messaging/domain-event.js';
import { Outbox } from '../../../platform/messaging/outbox.js';
import { RecordAudit } from '../audit/record-audit.js';
import { authConfig, type AuthConfig } from '../auth.config.js';
import { authEvents, type UserEvent } from '../auth.contract.js';
import { authTelemetry } from '../auth.telemetry.js';
import { PurgesRepository } from './purges.repository.js';

const BATCH = 50;

/** Makes deletions final every night, `auth.deletedDays` after them; other modules hear of it and do the same. */
@Injectable()
export class PurgeAccounts implements OnApplicationBootstrap {
  constructor(
    private readonly jobs: Jobs,
    private readonly database: Database,
    private readonly purges: PurgesRepository,
    private readonly outbox: Outbox,
    private readonly audit: RecordAudit,
    @Inject(authConfig.KEY) private readonly config: AuthConfig,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const purge = (signal: AbortSignal) => this.execute(signal);
    await this.jobs.schedule('auth.purge-accounts', '41 3 * * *', purge, BATCHES_PATIENCE);
  }

  async execute(signal: AbortSignal): Promise<void> {
    await inBatches(signal, () => this.purgeSome());
  }

  /** @returns how many accounts are gone */
  private purgeSome(): Promise<number> {
    return this.database.transaction(async (tx) => {
      const accounts = await this.purges.due(tx, this.config.deletedDays, BATCH);
      if (accounts.length === 0) return 0;
      await this.purges.remove(
        tx,
        accounts.map(({ id }) => id),
      );
      for (const { id: userId, tenantId } of accounts) {
        const data: UserEvent = { userId };
        const type = authEvents.userPurged;
        this.outbox.append(tx, domainEvent({ type, tenantId, channels: [], data }));
        this.audit.execute(tx, { event: 'account.purged', tenantId, subjectId: userId });
      }
      tx.onCommitted(() => authTelemetry.accountsPurged(accounts.length));
      return accounts.length;
    });
  }
}
