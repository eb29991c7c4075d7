import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { Database } from '../../../platform/database/database.js';
import { AppError } from '../../../platform/errors/app-error.js';
import { AccountsRepository } from '../accounts/accounts.repository.js';
import { RecordAudit } from '../audit/record-audit.js';
import { authErrors } from '../auth.errors.js';
import { authTelemetry } from '../auth.telemetry.js';
import { PasswordHasher } from '../passwords/password-hasher.js';
import { OpenSession, type Device, type TokenPair } from './open-session.js';

/** Opens a session for whoever knows the password. */
@Injectable()
export class Login {
  constructor(
    private readonly database: Database,
    private readonly accounts: AccountsRepository,
    private readonly passwords: PasswordHasher,
    private readonly sessions: OpenSession,
    private readonly audit: RecordAudit,
  ) {}

  /**
   * @throws AppError `invalid_credentials`, the same and as fast for unknown name and wrong password;
   *   `account_banned`, which only who knows the password learns
   */
  async execute(
    tenantId: string,
    identifier: string,
    password: string,
    device: Device,
  ): Promise<TokenPair> {
    const account = await this.accounts.findForLogin(tenantId, identifier);
    const fits = await this.passwords.verify(account?.passwordHash ?? undefined, password);
    if (!account || !fits)
      return this.refuse(tenantId, account?.id, authErrors.invalid_credentials());
    const sessionId = uuidv7();
    const subjectId = account.id;
    try {
      return await this.database.transaction(async (tx) => {
        const tokens = await this.sessions.execute(tx, account, device, sessionId);
        this.audit.execute(tx, {
          event: 'login',
          tenantId,
          subjectId,
          actorId: subjectId,
          sessionId,
        });
        tx.onCommitted(() => authTelemetry.loggedIn(account.id));
        return tokens;
      });
    } catch (error) {
      const isBanned = error instanceof AppError && error.code === 'account_banned';
      if (!isBanned) throw error;
      return this.refuse(tenantId, subjectId, error);
    }
  }

  /** The log keeps whose account it was, where there is one; never what was typed. */
  private async refuse(
    tenantId: string,
    subjectId: string | undefined,
    error: AppError,
  ): Promise<never> {
    authTelemetry.loginRefused();
    const detail = { reason: error.code };
    await this.audit.refusal({ event: 'login', tenantId, subjectId, detail });
    throw error;
  }
}
