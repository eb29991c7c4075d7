import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import type { Principal } from '../../../platform/security/principal.js';
import { RecordAudit } from '../audit/record-audit.js';
import { authErrors } from '../auth.errors.js';
import { SendMail } from '../mail/send-mail.js';
import { ConfirmPassword } from '../passwords/confirm-password.js';
import { EmailsRepository } from './emails.repository.js';

/**
 * Mails a link to another address on behalf of a caller who knows the password: who has the address has the
 * account. Until it is used nothing changes. An address of another account gets none, and nobody learns of that.
 */
@Injectable()
export class RequestEmailChange {
  constructor(
    private readonly database: Database,
    private readonly confirm: ConfirmPassword,
    private readonly emails: EmailsRepository,
    private readonly mail: SendMail,
    private readonly audit: RecordAudit,
  ) {}

  /** @throws AppError `wrong_password`, also for an account that has none; `rate_limited` */
  async execute(caller: Principal, currentPassword: string, email: string): Promise<void> {
    const { tenantId, userId } = caller;
    const event = 'email.change_requested';
    await this.confirm.execute(caller, currentPassword, event, (hash) =>
      this.database.transaction(async (tx) => {
        if (hash === undefined) throw authErrors.wrong_password();
        await this.emails.want(tx, { tenantId, userId }, email);
        this.audit.execute(tx, { event, tenantId, subjectId: userId });
        await this.mail.enqueue(tx, { template: 'email-change', tenantId, userId, email });
      }),
    );
  }
}
