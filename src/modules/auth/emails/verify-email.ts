import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { RecordAudit } from '../audit/record-audit.js';
import { UseOneTimeToken } from '../one-time-tokens/use-one-time-token.js';
import { ConfirmEmailChange } from './confirm-email-change.js';
import { EmailsRepository } from './emails.repository.js';

/** Takes the token of a link that was sent to an address: that of the account, or one that it is to have. */
@Injectable()
export class VerifyEmail {
  constructor(
    private readonly database: Database,
    private readonly token: UseOneTimeToken,
    private readonly emails: EmailsRepository,
    private readonly confirmChange: ConfirmEmailChange,
    private readonly audit: RecordAudit,
  ) {}

  /** @throws AppError `invalid_one_time_token`, `email_taken` */
  execute(token: string): Promise<void> {
    return this.token.recorded('email.verified', () => this.verify(token));
  }

  private async verify(token: string): Promise<void> {
    await this.database.transaction(async (tx) => {
      const used = await this.token.execute(tx, token, 'email_verification', 'email_change');
      const { tenantId, userId, email } = used;
      if (used.purpose === 'email_change') {
        await this.confirmChange.execute(tx, { tenantId, userId }, used.accountEmail, email);
        return;
      }
      if (await this.emails.verify(tx, { tenantId, userId }, email))
        this.audit.execute(tx, { event: 'email.verified', tenantId, subjectId: userId });
    });
  }
}
