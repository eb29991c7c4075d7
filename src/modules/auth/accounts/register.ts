import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { Database } from '../../../platform/database/database.js';
import { RecordAudit } from '../audit/record-audit.js';
import { authErrors } from '../auth.errors.js';
import { authTelemetry } from '../auth.telemetry.js';
import { SendMail } from '../mail/send-mail.js';
import { checkPassword } from '../passwords/check-password.js';
import { PasswordHasher } from '../passwords/password-hasher.js';
import { OpenSession, type Device, type TokenPair } from '../sessions/open-session.js';
import type { OwnProfile } from './account.schemas.js';
import { AccountsRepository } from './accounts.repository.js';
import { presentOwn } from './present-account.js';
import { isReservedUsername } from './reserved-usernames.js';

export interface Registration {
  email: string;
  username: string;
  password: string;
  displayName?: string | undefined;
}

/** The new account with its first session, or that the address is known (which only its owner learns). */
export type Registered =
  { outcome: 'created'; answer: { user: OwnProfile } & TokenPair } | { outcome: 'known' };

/** Creates an account and logs it in. */
@Injectable()
export class Register {
  constructor(
    private readonly database: Database,
    private readonly accounts: AccountsRepository,
    private readonly passwords: PasswordHasher,
    private readonly sessions: OpenSession,
    private readonly mail: SendMail,
    private readonly audit: RecordAudit,
  ) {}

  /** @throws AppError `username_taken`, also for a name that looks like one; `validation_failed` for a common password */
  async execute(tenantId: string, registration: Registration, device: Device): Promise<Registered> {
    const { email, username } = registration;
    checkPassword(registration.password, registration);
    if (isReservedUsername(username)) throw authErrors.username_taken();
    const passwordHash = await this.passwords.hash(registration.password);
    const account = {
      id: uuidv7(),
      tenantId,
      email,
      username,
      displayName: registration.displayName ?? username,
    };
    const result = await this.database.transaction<Registered>(async (tx) => {
      const { conflict, createdAt } = await this.accounts.insert(tx, { ...account, passwordHash });
      if (conflict?.username) throw authErrors.username_taken();
      if (conflict) {
        const subjectId = conflict.owner ?? undefined;
        const event = { event: 'registration.known_email', tenantId, subjectId } as const;
        this.audit.execute(tx, { ...event, result: 'failure' });
        await this.mail.enqueue(tx, { template: 'registration-attempt', tenantId, email });
        return { outcome: 'known' };
      }
      const roles = ['user'];
      const { id: userId } = account;
      const [subject, sessionId] = [{ id: userId, tenantId, roles }, uuidv7()];
      const tokens = await this.sessions.execute(tx, subject, device, sessionId);
      await this.mail.enqueue(tx, { template: 'email-verification', tenantId, userId });
      const event = { event: 'account.registered', tenantId, sessionId } as const;
      this.audit.execute(tx, { ...event, subjectId: userId, actorId: userId });
      tx.onCommitted(() => authTelemetry.registered(userId));
      const numbers = {
        bio: '',
        avatarUrl: null,
        emailVerified: false,
        createdAt,
        posts: 0,
        followers: 0,
        following: 0,
      };
      return {
        outcome: 'created',
        answer: { user: presentOwn({ ...account, ...numbers, roles }), ...tokens },
      };
    });
    return result;
  }
}
