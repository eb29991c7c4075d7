import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { Database } from '../../../platform/database/database.js';
import { AppError } from '../../../platform/errors/app-error.js';
import { AccountsRepository, type LoginAccount } from '../accounts/accounts.repository.js';
import { RecordAudit } from '../audit/record-audit.js';
import { authErrors } from '../auth.errors.js';
import { authTelemetry } from '../auth.telemetry.js';
import { ReportNewDevice } from '../mail/report-new-device.js';
import { PasswordHasher } from '../passwords/password-hasher.js';
import { OpenSession, type Device, type TokenPair } from './open-session.js';
import { SlowDown } from './slow-down.js';

/** The stored hash is another one by now: the password was changed, or its hash replaced. */
class HashReplaced extends Error {}

/** Opens a session for whoever knows the password. */
@Injectable()
export class Login {
  constructor(
    private readonly database: Database,
    private readonly accounts: AccountsRepository,
    private readonly passwords: PasswordHasher,
    private readonly sessions: OpenSession,
    private readonly slowDown: SlowDown,
    private readonly newDevice: ReportNewDevice,
    private readonly audit: RecordAudit,
  ) {}

  /**
   * @param signal who has gone meanwhile is not kept in a queue
   * @throws AppError `invalid_credentials`, the same and as fast for unknown name and wrong password;
   *   `account_banned`, which only who knows the password learns; `rate_limited` for an account that
   *   many guess at; `overloaded`
   */
  async execute(
    tenantId: string,
    identifier: string,
    password: string,
    device: Device,
    signal?: AbortSignal,
  ): Promise<TokenPair> {
    const account = await this.accounts.findForLogin(tenantId, identifier);
    const tokens = await this.slowDown.run(
      { tenantId, identifier, userId: account?.id, ip: device.ip, event: 'login' },
      () => this.judge(account, password, device, signal),
      signal,
    );
    if (tokens) return tokens;
    return this.refuse(tenantId, account?.id, authErrors.invalid_credentials());
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

  /** @returns undefined when the password does not fit */
  private async judge(
    account: LoginAccount | undefined,
    password: string,
    device: Device,
    signal: AbortSignal | undefined,
    isRepeat = false,
  ): Promise<TokenPair | undefined> {
    const passwordHash = account?.passwordHash;
    const { fits, isOutdated } = await this.passwords.check(passwordHash, password, signal);
    if (!account || !passwordHash || !fits) return undefined;
    try {
      const tokens = await this.open(account, passwordHash, device);
      if (isOutdated) await this.upgrade(account.id, passwordHash, password);
      return tokens;
    } catch (error) {
      if (error instanceof AppError && error.code === 'account_banned')
        return this.refuse(account.tenantId, account.id, error);
      if (!(error instanceof HashReplaced)) throw error;
      if (isRepeat) return undefined;
      const now = await this.accounts.findForLogin(account.tenantId, account.username);
      return this.judge(now, password, device, signal, true);
    }
  }

  private open(account: LoginAccount, passwordHash: string, device: Device): Promise<TokenPair> {
    const { id, tenantId } = account;
    return this.database.transaction(async (tx) => {
      const [isHeld] = await Promise.all([
        this.accounts.holdPassword(tx, id, passwordHash),
        this.newDevice.execute(tx, account, device),
      ]);
      if (!isHeld) throw new HashReplaced();
      const sessionId = uuidv7();
      const tokens = await this.sessions.execute(tx, account, device, sessionId);
      this.audit.execute(tx, { event: 'login', tenantId, subjectId: id, actorId: id, sessionId });
      tx.onCommitted(() => authTelemetry.loggedIn(id));
      return tokens;
    });
  }

  /** The password is at hand only now. That it could not be done changes nothing: the next login tries again. */
  private async upgrade(id: string, from: string, password: string): Promise<void> {
    try {
      await this.accounts.replaceHash(id, from, await this.passwords.hash(password));
    } catch (error) {
      authTelemetry.passwordNotUpgraded(error);
    }
  }
}
