import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../platform/database/transaction.js';
import { ApiKeysRepository } from '../api-keys/api-keys.repository.js';
import { ForgetApiKeys } from '../revocations/forget-api-keys.js';
import { RecordAudit } from '../audit/record-audit.js';
import { EndSessions } from '../sessions/end-sessions.js';

/** Shuts an account out: its sessions end, and its API keys are worth nothing as long as it is banned. */
@Injectable()
export class BanAccount {
  constructor(
    private readonly sessions: EndSessions,
    private readonly keys: ApiKeysRepository,
    private readonly forget: ForgetApiKeys,
    private readonly audit: RecordAudit,
  ) {}

  /** @param tx which has locked the account and marked it as banned */
  async execute(tx: Tx, tenantId: string, userId: string): Promise<void> {
    this.audit.execute(tx, { event: 'account.banned', tenantId, subjectId: userId });
    await this.sessions.execute(tx, { tenantId, userId, reason: 'account_banned' });
    await this.forget.execute(tx, await this.keys.livingIds(tx, userId));
  }
}
