import { Injectable } from '@nestjs/common';
import { SessionActivityRepository } from '../sessions/session-activity.repository.js';
import type { MailJob } from './mail-job.js';
import { RecipientsRepository, type Recipient } from './recipients.repository.js';
import type { TemplateName } from './templates.js';

/** Whom a mail goes to, and where. */
export interface Addressed {
  account: Recipient;
  to: string;
}

/** Why a mail is not sent. */
export type Unsent = 'no_account' | 'not_needed' | 'superseded' | 'address_taken' | 'session_ended';

/** What an account that is deleted, and can still be restored, is told of. */
const toDeleted = new Set<TemplateName>(['account-deleted', 'registration-attempt']);

/**
 * Decides whether a mail still makes sense, and where it goes. Requests do not ask: so they do the same
 * work for addresses that are known and such that are not.
 */
@Injectable()
export class AddressMail {
  constructor(
    private readonly recipients: RecipientsRepository,
    private readonly sessions: SessionActivityRepository,
  ) {}

  async execute(job: MailJob): Promise<Addressed | Unsent> {
    const { template, tenantId, userId, email } = job;
    const account = await this.find(tenantId, userId, email);
    if (!account || (account.deleted && !toDeleted.has(template))) return 'no_account';
    if (template === 'email-verification' && account.verified) return 'not_needed';
    if (template === 'email-change') {
      const refusal = await this.refuseChange(job, account);
      if (refusal) return refusal;
    }
    // By address alone it goes to the address as the account has it: two spellings that compare alike
    // can be two mailboxes.
    return { account, to: userId === undefined ? account.email : (email ?? account.email) };
  }

  private async find(
    tenantId: string,
    userId?: string,
    email?: string,
  ): Promise<Recipient | undefined> {
    if (userId !== undefined) return this.recipients.byId(tenantId, userId);
    return email === undefined ? undefined : this.recipients.byEmail(tenantId, email);
  }

  private async refuseChange(
    { tenantId, userId, email = '', occasion }: MailJob,
    account: Recipient,
  ): Promise<Unsent | undefined> {
    // It was mistyped, or the account has it by now: a link would be worth nothing.
    if (account.wantedEmail !== email) return 'superseded';
    const owner = await this.recipients.byEmail(tenantId, email);
    if (owner && owner.id !== userId) return 'address_taken';
    // Whoever lost their session since must not get a link by which they could take the account.
    const { sessionId } = occasion;
    if (sessionId !== null && !(await this.sessions.isOpen(sessionId, account.id)))
      return 'session_ended';
    return undefined;
  }
}
