import { Injectable } from '@nestjs/common';
import { AppError } from '../../../platform/errors/app-error.js';
import { requestContext } from '../../../platform/observability/request-context.js';
import type { Principal } from '../../../platform/security/principal.js';
import type { AuditEventName } from '../audit/audit-events.js';
import { RecordAudit } from '../audit/record-audit.js';
import { authErrors } from '../auth.errors.js';
import { SlowDown } from '../sessions/slow-down.js';
import { PasswordHasher } from './password-hasher.js';
import { PasswordsRepository } from './passwords.repository.js';

/**
 * Asks a caller for the password before something that a stolen session must not be enough for. Guesses are
 * slowed down as they are at a login, or the session would be a way to find the password out.
 */
@Injectable()
export class ConfirmPassword {
  constructor(
    private readonly passwords: PasswordsRepository,
    private readonly hasher: PasswordHasher,
    private readonly slowDown: SlowDown,
    private readonly audit: RecordAudit,
  ) {}

  /**
   * @param event what is asked for; refusals are kept under it
   * @param act does it, with the hash that fitted. It is called without one too, and throws `wrong_password`
   *   then in its transaction: a repeat with its idempotency key is answered before
   * @throws AppError `wrong_password`, also for an account that has none; `rate_limited`
   */
  async execute(
    { tenantId, userId }: Principal,
    password: string,
    event: AuditEventName,
    act: (hash: string | undefined) => Promise<void>,
  ): Promise<void> {
    const ip = requestContext()?.origin?.().ip ?? '';
    const done = await this.slowDown.run({ tenantId, userId, ip, event }, async () => {
      const hash = await this.passwords.find(tenantId, userId);
      const fits = await this.hasher.verify(hash, password);
      return isRight(() => act(fits ? hash : undefined));
    });
    if (done) return;
    await this.audit.refusal({ event, tenantId, subjectId: userId });
    throw authErrors.wrong_password();
  }
}

/** @returns undefined for a wrong password, which is counted */
async function isRight(act: () => Promise<void>): Promise<true | undefined> {
  try {
    await act();
    return true;
  } catch (error) {
    if (error instanceof AppError && error.code === 'wrong_password') return undefined;
    throw error;
  }
}
