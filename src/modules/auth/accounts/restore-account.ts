import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../platform/database/transaction.js';
import { domainEvent } from '../../../platform/messaging/domain-event.js';
import { Outbox } from '../../../platform/messaging/outbox.js';
import { RecordAudit } from '../audit/record-audit.js';
import { authEvents, type UserEvent } from '../auth.contract.js';
import { AccountsRepository } from './accounts.repository.js';

/** Takes a deletion back: the account and what it wrote are there again. Sessions and API keys are not. */
@Injectable()
export class RestoreAccount {
  constructor(
    private readonly accounts: AccountsRepository,
    private readonly outbox: Outbox,
    private readonly audit: RecordAudit,
  ) {}

  /** @returns whether there was such a deleted account */
  async execute(tx: Tx, tenantId: string, userId: string): Promise<boolean> {
    const account = await this.accounts.restore(tx, tenantId, userId);
    if (!account) return false;
    const data: UserEvent = { userId };
    this.outbox.append(
      tx,
      domainEvent({ type: authEvents.userRestored, tenantId, channels: [], data }),
    );
    this.audit.execute(tx, { event: 'account.restored', tenantId, subjectId: userId });
    return true;
  }
}
