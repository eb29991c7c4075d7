import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../platform/database/transaction.js';
import { requestContext } from '../../../platform/observability/request-context.js';
import { RecordAudit } from '../audit/record-audit.js';
import { authErrors } from '../auth.errors.js';
import { SendMail } from '../mail/send-mail.js';
import { OneTimeTokensRepository } from '../one-time-tokens/one-time-tokens.repository.js';
import { EndSessions } from '../sessions/end-sessions.js';
import { EmailsRepository, type EmailOwner } from './emails.repository.js';

/** Gives an account the address that it asked for, once a link that was sent there has come back. */
@Injectable()
export class ConfirmEmailChange {
  constructor(
    private readonly emails: EmailsRepository,
    private readonly tokens: OneTimeTokensRepository,
    private readonly sessions: EndSessions,
    private readonly mail: SendMail,
    private readonly audit: RecordAudit,
  ) {}

  /**
   * Sets the address, tells the one before, and ends the sessions. One whose access token came with the
   * request stays; a cookie counts for nothing where anybody may write, so a browser's ends too.
   *
   * @throws AppError `email_taken` when it is another account's by now
   */
  async execute(tx: Tx, owner: EmailOwner, before: string, newEmail: string): Promise<void> {
    const { tenantId, userId } = owner;
    if (!(await this.emails.change(tx, owner, newEmail))) throw authErrors.email_taken();
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
