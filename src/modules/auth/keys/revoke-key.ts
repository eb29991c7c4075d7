import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { platformErrors } from '../../../platform/errors/platform.errors.js';
import { BATCHES_PATIENCE } from '../../../platform/jobs/in-batches.js';
import { Jobs } from '../../../platform/jobs/jobs.js';
import { Bus } from '../../../platform/messaging/bus.js';
import { DEFAULT_TENANT } from '../../../platform/security/principal.js';
import { RecordAudit } from '../audit/record-audit.js';
import { AnnounceRevocations } from '../revocations/announce-revocations.js';
import {
  REVOCATION_SECONDS,
  RevocationsRepository,
} from '../revocations/revocations.repository.js';
import { KEY_SESSIONS_QUEUE } from './end-key-sessions.js';
import { KeysRepository } from './keys.repository.js';
import { MakeKey } from './make-key.js';

/**
 * For a private key that somebody else may know: from the commit on nothing that it signed is accepted,
 * whoever signed it, within seconds on every instance. The sessions whose tokens it signed end as well.
 */
@Injectable()
export class RevokeKey implements OnApplicationBootstrap {
  constructor(
    private readonly database: Database,
    private readonly keys: KeysRepository,
    private readonly make: MakeKey,
    private readonly revocations: RevocationsRepository,
    private readonly announce: AnnounceRevocations,
    private readonly bus: Bus,
    private readonly jobs: Jobs,
    private readonly audit: RecordAudit,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.jobs.declare(KEY_SESSIONS_QUEUE, BATCHES_PATIENCE);
  }

  /** @throws AppError `not_found` */
  async execute(kid: string): Promise<void> {
    const next = await this.make.execute();
    await this.database.transaction(async (tx) => {
      const keys = await this.keys.lock(tx);
      const revoked = keys.find((key) => key.kid === kid);
      if (!revoked) throw platformErrors.not_found();
      await this.keys.remove(tx, kid);
      const standby = keys.find(({ state }) => state === 'standby')?.kid;
      if (revoked.state === 'active' && standby !== undefined)
        await this.keys.activate(tx, standby);
      if (revoked.state !== 'retired')
        await this.keys.insert(next, standby === undefined ? 'active' : 'standby', tx);
      await this.revocations.insert(tx, 'key', [kid], REVOCATION_SECONDS);
      await this.jobs.enqueue(tx, KEY_SESSIONS_QUEUE, { kid });
      const detail = { kid, state: revoked.state };
      this.audit.execute(tx, { event: 'key.revoked', tenantId: DEFAULT_TENANT, detail });
      this.announce.execute(tx);
      this.bus.announce({ topic: 'keys' }, tx);
    });
  }
}
