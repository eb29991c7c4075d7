import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import type { Principal } from '../../../platform/security/principal.js';
import { authErrors } from '../auth.errors.js';
import { ConfirmPassword } from '../passwords/confirm-password.js';
import { ChangeEmail } from './change-email.js';

/** Asks for another address on behalf of a caller who knows the password: who has the address has the account. */
@Injectable()
export class RequestEmailChange {
  constructor(
    private readonly database: Database,
    private readonly confirm: ConfirmPassword,
    private readonly change: ChangeEmail,
  ) {}

  /** @throws AppError `wrong_password`, also for an account that has none; `rate_limited` */
  async execute(caller: Principal, currentPassword: string, newEmail: string): Promise<void> {
    const { tenantId, userId } = caller;
    await this.confirm.execute(caller, currentPassword, 'email.change_requested', (hash) =>
      this.database.transaction(async (tx) => {
        if (hash === undefined) throw authErrors.wrong_password();
        await this.change.request(tx, { id: userId, tenantId }, newEmail);
      }),
    );
  }
}
