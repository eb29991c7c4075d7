import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { AccountsRepository } from '../accounts/accounts.repository.js';
import { authErrors } from '../auth.errors.js';
import { authTelemetry } from '../auth.telemetry.js';
import { ReportNewDevice } from '../mail/report-new-device.js';
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
    private readonly newDevice: ReportNewDevice,
  ) {}

  /** @throws AppError `invalid_credentials`, the same and as fast for unknown name and wrong password */
  async execute(
    tenantId: string,
    identifier: string,
    password: string,
    device: Device,
  ): Promise<TokenPair> {
    const account = await this.accounts.findForLogin(tenantId, identifier);
    const fits = await this.passwords.verify(account?.passwordHash, password);
    if (!account || !fits) {
      authTelemetry.loginRefused();
      throw authErrors.invalid_credentials();
    }
    return this.database.transaction(async (tx) => {
      tx.onCommitted(() => authTelemetry.loggedIn(account.id));
      await this.newDevice.execute(tx, account, device);
      return this.sessions.execute(tx, account, device);
    });
  }
}
