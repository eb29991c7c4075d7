import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { Database } from '../../../platform/database/database.js';
import type { Tx } from '../../../platform/database/transaction.js';
import type { AppError } from '../../../platform/errors/app-error.js';
import { platformErrors } from '../../../platform/errors/platform.errors.js';
import { RecordAudit } from '../audit/record-audit.js';
import { authErrors } from '../auth.errors.js';
import { authTelemetry } from '../auth.telemetry.js';
import type { TokenSubject } from '../keys/issue-access-token.js';
import { ReportNewDevice } from '../mail/report-new-device.js';
import { SendMail } from '../mail/send-mail.js';
import { OpenSession, type Device, type TokenPair } from '../sessions/open-session.js';
import { CreateForeignAccount } from './create-foreign-account.js';
import { IdentitiesRepository, type IdentityKey, type Owner } from './identities.repository.js';
import type { ForeignAccount, ProviderName } from './provider.js';

/** Others may sign in with the same address at the same time: who loses looks again. */
const ATTEMPTS = 3;

type Decision =
  { subject: TokenSubject; isNew?: boolean } | { refusal: AppError; subjectId: string | undefined };

/** Opens a session for whoever signed in elsewhere. */
@Injectable()
export class SignIn {
  constructor(
    private readonly database: Database,
    private readonly identities: IdentitiesRepository,
    private readonly accounts: CreateForeignAccount,
    private readonly sessions: OpenSession,
    private readonly newDevice: ReportNewDevice,
    private readonly mail: SendMail,
    private readonly audit: RecordAudit,
  ) {}

  /** @throws AppError `oauth_email_unverified`, `oauth_account_unverified`, `oauth_account_closed` */
  async execute(
    tenantId: string,
    provider: ProviderName,
    account: ForeignAccount,
    device: Device,
  ): Promise<TokenPair> {
    const key = { tenantId, provider, subject: account.subject };
    const result = await this.database.transaction(async (tx) => {
      const decision = await this.decide(tx, key, account);
      if ('refusal' in decision) return decision;
      const { subject } = decision;
      const event = {
        event: 'login',
        tenantId,
        actorId: subject.id,
        subjectId: subject.id,
      } as const;
      if (!decision.isNew) await this.newDevice.execute(tx, subject, device);
      const sessionId = uuidv7();
      const tokens = await this.sessions.execute(tx, subject, device, sessionId);
      this.audit.execute(tx, { ...event, sessionId, detail: { provider } });
      tx.onCommitted(() => authTelemetry.loggedIn(subject.id));
      return { tokens };
    });
    if ('tokens' in result) return result.tokens;
    const { refusal, subjectId } = result;
    const detail = { provider, reason: refusal.code };
    authTelemetry.oauthRefused(provider, refusal.code);
    await this.audit.refusal({ event: 'login', tenantId, subjectId, detail });
    throw refusal;
  }

  private async decide(tx: Tx, key: IdentityKey, account: ForeignAccount): Promise<Decision> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const decision = await this.decideOnce(tx, key, account);
      if (decision) return decision;
    }
    throw platformErrors.conflict();
  }

  /** @returns undefined when somebody else was faster: it is to be decided anew */
  private async decideOnce(
    tx: Tx,
    key: IdentityKey,
    account: ForeignAccount,
  ): Promise<Decision | undefined> {
    const { verifiedEmail } = account;
    const known = await this.identities.findOwner(tx, key);
    if (known) {
      if (isClosed(known)) return refuse(authErrors.oauth_account_closed(), known);
      await this.identities.use(tx, key, verifiedEmail);
      return { subject: known };
    }
    if (verifiedEmail === undefined) return refuse(authErrors.oauth_email_unverified());
    const owner = await this.identities.findOwnerByEmail(tx, key.tenantId, verifiedEmail);
    if (owner) {
      if (isClosed(owner)) return refuse(authErrors.oauth_account_closed(), owner);
      // Whoever registered with the address may not be who it belongs to, and knows the password.
      if (!owner.isVerified) return refuse(authErrors.oauth_account_unverified(), owner);
    }
    const subject = owner ?? (await this.accounts.execute(tx, key, verifiedEmail, account));
    if (!subject) return undefined;
    const { id: userId } = subject;
    const identity = { id: uuidv7(), userId, email: verifiedEmail, ...key };
    const linked = await this.identities.insert(tx, identity);
    if (!linked) {
      if (owner) return undefined;
      throw platformErrors.conflict(); // with the account just made, which must not stay
    }
    const { tenantId, provider } = key;
    const event = {
      event: 'identity.linked',
      tenantId,
      actorId: userId,
      subjectId: userId,
    } as const;
    this.audit.execute(tx, { ...event, detail: { provider, identityId: linked.id } });
    if (owner) await this.mail.enqueue(tx, { template: 'identity-linked', tenantId, userId });
    return { subject, isNew: owner === undefined };
  }
}

const isClosed = (owner: Owner): boolean => owner.isBanned || owner.isDeleted;

const refuse = (refusal: AppError, owner?: Owner): Decision => ({ refusal, subjectId: owner?.id });
