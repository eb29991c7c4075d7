import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../platform/database/transaction.js';
import { AppError } from '../../../platform/errors/app-error.js';
import { DEFAULT_TENANT } from '../../../platform/security/principal.js';
import type { AuditEventName } from '../audit/audit-events.js';
import { RecordAudit } from '../audit/record-audit.js';
import { authErrors } from '../auth.errors.js';
import { hashOneTimeToken, type Purpose } from './one-time-token.js';
import { OneTimeTokensRepository, type UsedToken } from './one-time-tokens.repository.js';

/** Takes back the token of a link: once. */
@Injectable()
export class UseOneTimeToken {
  constructor(
    private readonly tokens: OneTimeTokensRepository,
    private readonly audit: RecordAudit,
  ) {}

  /** Whether it is worth it to do more for this token; `execute` decides. */
  looksUsable(token: string, ...purposes: Purpose[]): Promise<boolean> {
    return this.tokens.isUsable(hashOneTimeToken(token), purposes);
  }

  /**
   * Runs the transaction that uses a token, and keeps it in the audit log when that was refused. Whose it
   * was is not known, nor of which tenant: those lines are for administrators of `default`.
   */
  async recorded(event: AuditEventName, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (error instanceof AppError && error.code === 'invalid_one_time_token') {
        const detail = { reason: error.code };
        await this.audit.refusal({ event, tenantId: DEFAULT_TENANT, detail });
      }
      throw error;
    }
  }

  /**
   * Uses the token up with the transaction: if that is rolled back, the token is as good as before.
   *
   * @throws AppError `invalid_one_time_token`
   */
  async execute(tx: Tx, token: string, ...purposes: Purpose[]): Promise<UsedToken> {
    const used = await this.tokens.use(tx, hashOneTimeToken(token), purposes);
    if (!used) throw authErrors.invalid_one_time_token();
    return used;
  }
}
