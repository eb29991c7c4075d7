import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { AppError } from '../../../platform/errors/app-error.js';
import type { Principal } from '../../../platform/security/principal.js';
import { RecordAudit } from '../audit/record-audit.js';
import { authErrors } from '../auth.errors.js';
import { PasswordHasher } from '../passwords/password-hasher.js';
import { PasswordsRepository } from '../passwords/passwords.repository.js';
import { ChangeEmail } from './change-email.js';

/** Asks for another address on behalf of a caller who knows the password: who has the address has the account. */
@Injectable()
export class RequestEmailChange {
  constructor(
    private readonly database: Database,
    private readonly passwords: PasswordsRepository,
    private readonly hasher: PasswordHasher,
    private readonly change: ChangeEmail,
    private readonly audit: RecordAudit,
  ) {}

  /** @throws AppError `wrong_password`, also for an account that has none */
  async execute(caller: Principal, currentPassword: string, newEmail: string): Promise<void> {
    const { tenantId, userId } = caller;
    const hash = await this.passwords.find(tenantId, userId);
    const fits = await this.hasher.verify(hash, currentPassword);
    try {
      await this.database.transaction(async (tx) => {
        if (!fits) throw authErrors.wrong_password();
        await this.change.request(tx, { id: userId, tenantId }, newEmail);
      });
    } catch (error) {
      if (error instanceof AppError && error.code === 'wrong_password')
        await this.audit.refusal({ event: 'email.change_requested', tenantId, subjectId: userId });
      throw error;
    }
  }
}
