import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { platformErrors } from '../../../platform/errors/platform.errors.js';
import type { Principal } from '../../../platform/security/principal.js';
import { RecordAudit } from '../audit/record-audit.js';
import type { OwnProfile, ProfileChange } from './account.schemas.js';
import { AccountsRepository } from './accounts.repository.js';
import { presentOwn } from './present-account.js';
import { assertProfileMatch } from './profile-etag.js';

/** Changes what a profile shows. */
@Injectable()
export class ChangeProfile {
  constructor(
    private readonly database: Database,
    private readonly accounts: AccountsRepository,
    private readonly audit: RecordAudit,
  ) {}

  /**
   * @param ifMatch the `If-Match` of the request
   * @returns the profile as it is now
   * @throws AppError `stale_resource` when it is not the one that the caller has read
   */
  execute(
    caller: Principal,
    change: ProfileChange,
    ifMatch: string | undefined,
  ): Promise<OwnProfile> {
    const { tenantId, userId } = caller;
    return this.database.transaction(async (tx) => {
      const account = await this.accounts.lock(tx, tenantId, userId);
      if (!account) throw platformErrors.invalid_token();
      assertProfileMatch(ifMatch, presentOwn(account));
      await this.accounts.change(tx, account, change);
      const detail = { fields: Object.keys(change) };
      this.audit.execute(tx, { event: 'account.changed', tenantId, subjectId: userId, detail });
      const given = Object.entries(change).filter(([, value]) => value !== undefined);
      return presentOwn({ ...account, ...Object.fromEntries(given) });
    });
  }
}
