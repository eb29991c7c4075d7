import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import type { Principal } from '../../../platform/security/principal.js';
import { RecordAudit } from '../audit/record-audit.js';
import { authErrors } from '../auth.errors.js';
import { SendMail } from '../mail/send-mail.js';
import { OneTimeTokensRepository } from '../one-time-tokens/one-time-tokens.repository.js';
import { EndSessions } from '../sessions/end-sessions.js';
import { checkPassword } from './check-password.js';
import { ConfirmPassword } from './confirm-password.js';
import { PasswordHasher } from './password-hasher.js';
import { PasswordsRepository } from './passwords.repository.js';

/** Changes the password of a caller who knows it, and ends their other sessions. */
@Injectable()
export class ChangePassword {
  constructor(
    private readonly database: Database,
    private readonly tokens: OneTimeTokensRepository,
    private readonly confirm: ConfirmPassword,
    private readonly passwords: PasswordsRepository,
    private readonly hasher: PasswordHasher,
    private readonly sessions: EndSessions,
    private readonly mail: SendMail,
    private readonly audit: RecordAudit,
  ) {}

  /** @throws AppError `wrong_password`, also for an account that has none; `rate_limited`; `validation_failed` for one that is guessed first */
  async execute(caller: Principal, currentPassword: string, newPassword: string): Promise<void> {
    const names = await this.passwords.findNames(caller.tenantId, caller.userId);
    checkPassword(newPassword, names, 'newPassword');
    await this.confirm.execute(caller, currentPassword, 'password.changed', async (before) => {
      const hash = before === undefined ? undefined : await this.hasher.hash(newPassword);
      await this.change(caller, before, hash);
    });
  }

  private async change(
    { tenantId, userId, sessionId }: Principal,
    before: string | undefined,
    hash: string | undefined,
  ): Promise<void> {
    await this.database.transaction(async (tx) => {
      // Only here: a repeat with its idempotency key is answered before, though the password is another.
      if (before === undefined || hash === undefined) throw authErrors.wrong_password();
      if (!(await this.passwords.change(tx, { tenantId, userId }, before, hash)))
        throw authErrors.wrong_password();
      await this.tokens.revoke(tx, userId);
      const reason = 'password_changed';
      await this.sessions.execute(tx, { tenantId, userId, reason, except: sessionId });
      this.audit.execute(tx, { event: 'password.changed', tenantId, subjectId: userId, sessionId });
      await this.mail.enqueue(tx, { template: 'password-changed', tenantId, userId });
    });
  }
}
