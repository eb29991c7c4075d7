import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { Database } from '../../../platform/database/database.js';
import { authErrors } from '../auth.errors.js';
import { authTelemetry } from '../auth.telemetry.js';
import { SendMail } from '../mail/send-mail.js';
import { PasswordHasher } from '../passwords/password-hasher.js';
import { OpenSession, type Device, type TokenPair } from '../sessions/open-session.js';
import type { OwnProfile } from './account.schemas.js';
import { AccountsRepository } from './accounts.repository.js';
import { presentOwn } from './present-account.js';

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
  ) {}

  /** @throws AppError `username_taken` */
  async execute(tenantId: string, registration: Registration, device: Device): Promise<Registered> {
    const { email, username } = registration;
    const passwordHash = await this.passwords.hash(registration.password);
    const account = {
      id: uuidv7(),
      tenantId,
      email,
      username,
      displayName: registration.displayName ?? username,
    };
    const result = await this.database.transaction<Registered>(async (tx) => {
      const conflict = await this.accounts.insert(tx, { ...account, passwordHash });
      if (conflict?.username) throw authErrors.username_taken();
      if (conflict) {
        await this.mail.enqueue(tx, { template: 'registration-attempt', tenantId, email });
        return { outcome: 'known' };
      }
      const roles = ['user'];
      const tokens = await this.sessions.execute(tx, { id: account.id, tenantId, roles }, device);
      const { id: userId } = account;
      await this.mail.enqueue(tx, { template: 'email-verification', tenantId, userId });
      tx.onCommitted(() => authTelemetry.registered(userId));
      const numbers = {
        bio: '',
        avatarUrl: null,
        createdAt: new Date(),
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
