import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { ApiKeysRepository } from '../api-keys/api-keys.repository.js';
import { ForgetApiKeys } from '../revocations/forget-api-keys.js';
import { RecordAudit } from '../audit/record-audit.js';
import { authErrors } from '../auth.errors.js';
import { SendMail } from '../mail/send-mail.js';
import { IdentitiesRepository } from '../oauth/identities.repository.js';
import { OneTimeTokensRepository } from '../one-time-tokens/one-time-tokens.repository.js';
import { UseOneTimeToken } from '../one-time-tokens/use-one-time-token.js';
import { EndSessions } from '../sessions/end-sessions.js';
import { checkPassword } from './check-password.js';
import { PasswordHasher } from './password-hasher.js';
import { PasswordsRepository } from './passwords.repository.js';

/** Sets a new password for whoever reads the mail of the account, and ends all its sessions and API keys. */
@Injectable()
export class ResetPassword {
  constructor(
    private readonly database: Database,
    private readonly token: UseOneTimeToken,
    private readonly tokens: OneTimeTokensRepository,
    private readonly passwords: PasswordsRepository,
    private readonly hasher: PasswordHasher,
    private readonly sessions: EndSessions,
    private readonly apiKeys: ApiKeysRepository,
    private readonly forget: ForgetApiKeys,
    private readonly identities: IdentitiesRepository,
    private readonly mail: SendMail,
    private readonly audit: RecordAudit,
  ) {}

  /** @throws AppError `invalid_one_time_token`; `validation_failed` for one that is guessed first, with which the token is still good */
  execute(token: string, newPassword: string): Promise<void> {
    return this.token.recorded('password.reset', () => this.reset(token, newPassword));
  }

  private async reset(token: string, newPassword: string): Promise<void> {
    // A look first: what is no token must not cost a hash. The hash is made outside of the transaction.
    const isWorthIt = await this.token.looksUsable(token, 'password_reset');
    const hash = isWorthIt ? await this.hasher.hash(newPassword) : undefined;
    await this.database.transaction(async (tx) => {
      // Only here: a repeat with its idempotency key is answered before, though the token is used up.
      if (hash === undefined) throw authErrors.invalid_one_time_token();
      const used = await this.token.execute(tx, token, 'password_reset');
      const { tenantId, userId, email } = used;
      checkPassword(newPassword, used, 'newPassword');
      const wasVerified = await this.passwords.reset(tx, { tenantId, userId }, email, hash);
      if (wasVerified === undefined) throw authErrors.invalid_one_time_token();
      // Nobody had proved the address: whoever registered it may be a stranger, and signs in elsewhere.
      if (!wasVerified) await this.identities.removeAll(tx, userId);
      // Who had got in may have made keys, and asked for other links.
      await this.forget.execute(tx, await this.apiKeys.revokeAll(tx, userId));
      await this.tokens.revoke(tx, userId);
      await this.sessions.execute(tx, { tenantId, userId, reason: 'password_reset' });
      this.audit.execute(tx, { event: 'password.reset', tenantId, subjectId: userId });
      await this.mail.enqueue(tx, { template: 'password-changed', tenantId, userId });
    });
  }
}
