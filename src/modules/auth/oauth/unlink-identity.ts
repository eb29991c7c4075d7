import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { platformErrors } from '../../../platform/errors/platform.errors.js';
import type { Principal } from '../../../platform/security/principal.js';
import { RecordAudit } from '../audit/record-audit.js';
import { authErrors } from '../auth.errors.js';
import { IdentitiesRepository } from './identities.repository.js';

/** Takes an account elsewhere from the caller's own: it does not sign in any more. */
@Injectable()
export class UnlinkIdentity {
  constructor(
    private readonly database: Database,
    private readonly identities: IdentitiesRepository,
    private readonly audit: RecordAudit,
  ) {}

  /** @throws AppError `not_found`, `last_login_method` when nobody could log in any more */
  async execute(caller: Principal, id: string): Promise<void> {
    const { tenantId, userId, sessionId } = caller;
    await this.database.transaction(async (tx) => {
      // Locked: two at once must not each leave the other one's.
      const owner = await this.identities.findOwnerById(tx, tenantId, userId);
      if (!owner) throw platformErrors.invalid_token();
      const provider = await this.identities.remove(tx, userId, id);
      if (!provider) throw platformErrors.not_found();
      if (!owner.hasPassword && (await this.identities.count(tx, userId)) === 0)
        throw authErrors.last_login_method();
      const event = { event: 'identity.unlinked', subjectId: userId } as const;
      this.audit.execute(tx, {
        ...event,
        tenantId,
        sessionId,
        detail: { provider, identityId: id },
      });
    });
  }
}
