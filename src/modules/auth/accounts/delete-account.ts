import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { platformErrors } from '../../../platform/errors/platform.errors.js';
import { domainEvent } from '../../../platform/messaging/domain-event.js';
import { Outbox } from '../../../platform/messaging/outbox.js';
import type { Principal } from '../../../platform/security/principal.js';
import { AdminUsersRepository } from '../admin/admin-users.repository.js';
import { ForgetApiKeys } from '../revocations/forget-api-keys.js';
import { RecordAudit } from '../audit/record-audit.js';
import { authEvents, type UserEvent } from '../auth.contract.js';
import { authErrors } from '../auth.errors.js';
import { authTelemetry } from '../auth.telemetry.js';
import { SendMail } from '../mail/send-mail.js';
import { EndSessions } from '../sessions/end-sessions.js';
import { AccountsRepository } from './accounts.repository.js';
import { presentOwn } from './present-account.js';
import { assertProfileMatch } from './profile-etag.js';

/**
 * Deletes the caller's account: nobody sees it or gets into it from now on. It can be restored for
 * `auth.deletedDays`, and until then nobody else gets its name or address.
 */
@Injectable()
export class DeleteAccount {
  constructor(
    private readonly database: Database,
    private readonly accounts: AccountsRepository,
    private readonly admins: AdminUsersRepository,
    private readonly ending: EndSessions,
    private readonly forget: ForgetApiKeys,
    private readonly mail: SendMail,
    private readonly outbox: Outbox,
    private readonly audit: RecordAudit,
  ) {}

  /**
   * @param ifMatch the `If-Match` of the request
   * @throws AppError `stale_resource` when it is not the one that the caller has read, `last_admin`
   */
  async execute(caller: Principal, ifMatch: string | undefined): Promise<void> {
    const { tenantId, userId } = caller;
    await this.database.transaction(async (tx) => {
      if (caller.roles.includes('admin')) await this.admins.lockTenant(tx, tenantId);
      const account = await this.accounts.lock(tx, tenantId, userId);
      if (!account) throw platformErrors.invalid_token();
      assertProfileMatch(ifMatch, presentOwn(account));
      const isAdmin = account.roles.includes('admin');
      if (isAdmin && (await this.admins.countAdmins(tx, tenantId)) <= 1)
        throw authErrors.last_admin();
      const keys = await this.accounts.markDeleted(tx, account);
      await this.ending.execute(tx, { tenantId, userId, reason: 'account_deleted' });
      await this.forget.execute(tx, keys);
      const data: UserEvent = { userId };
      this.outbox.append(
        tx,
        domainEvent({ type: authEvents.userDeleted, tenantId, channels: [], data }),
      );
      this.audit.execute(tx, { event: 'account.deleted', tenantId, subjectId: userId });
      const { email } = account;
      await this.mail.enqueue(tx, { template: 'account-deleted', tenantId, userId, email });
      tx.onCommitted(() => authTelemetry.accountDeleted(userId));
    });
  }
}
