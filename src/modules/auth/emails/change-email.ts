import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../platform/database/transaction.js';
import { requestContext } from '../../../platform/observability/request-context.js';
import { RecordAudit } from '../audit/record-audit.js';
import { authErrors } from '../auth.errors.js';
import { SendMail } from '../mail/send-mail.js';
import { OneTimeTokensRepository } from '../one-time-tokens/one-time-tokens.repository.js';
import { EndSessions } from '../sessions/end-sessions.js';
import { EmailsRepository } from './emails.repository.js';

/** Gives an account another address: asked for first, done when a link that was sent there comes back. */
@Injectable()
export class ChangeEmail {
  constructor(
    private readonly emails: EmailsRepository,
    private readonly tokens: OneTimeTokensRepository,
    private readonly sessions: EndSessions,
    private readonly mail: SendMail,
    private readonly audit: RecordAudit,
  ) {}

  /**
   * Mails a link to the new address; until it is used nothing changes. An address of another account
   * gets none, and nobody learns of that. `RequestEmailChange` has checked the caller's password.
   */
  async request(
    tx: Tx,
    account: { id: string; tenantId: string },
    newEmail: string,
  ): Promise<void> {
    const { tenantId, id: userId } = account;
    await this.emails.want(tx, { tenantId, userId }, newEmail);
    this.audit.execute(tx, { event: 'email.change_requested', tenantId, subjectId: userId });
    await this.mail.enqueue(tx, { template: 'email-change', tenantId, userId, email: newEmail });
  }

  /**
   * Sets the address that was proved, tells the one before, and ends the sessions but that of the caller.
   *
   * @throws AppError `email_taken` when it is another account's by now
   */
  async confirm(
    tx: Tx,
    account: { userId: string; tenantId: string },
    before: string,
    newEmail: string,
  ): Promise<void> {
    const { tenantId, userId } = account;
    if (!(await this.emails.change(tx, account, newEmail))) throw authErrors.email_taken();
    await this.tokens.revoke(tx, userId);
    const caller = requestContext()?.principal;
    await this.sessions.execute(tx, {
      tenantId,
      userId,
      reason: 'email_changed',
      ...(caller?.userId === userId && { except: caller.sessionId }),
    });
    this.audit.execute(tx, { event: 'email.changed', tenantId, subjectId: userId });
    await this.mail.enqueue(tx, { template: 'email-changed', tenantId, userId, email: before });
  }
}
