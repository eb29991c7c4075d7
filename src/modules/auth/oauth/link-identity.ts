import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { Database } from '../../../platform/database/database.js';
import type { Tx } from '../../../platform/database/transaction.js';
import type { AppError } from '../../../platform/errors/app-error.js';
import { emailKey } from '../accounts/account.js';
import { RecordAudit } from '../audit/record-audit.js';
import { authErrors } from '../auth.errors.js';
import { authTelemetry } from '../auth.telemetry.js';
import { SendMail } from '../mail/send-mail.js';
import { SessionActivityRepository } from '../sessions/session-activity.repository.js';
import { IdentitiesRepository, type Identity } from './identities.repository.js';
import type { ForeignAccount, ProviderName } from './provider.js';

/** Who asked for the link, and in which session. */
export interface LinkOwner {
  tenantId: string;
  userId: string;
  sessionId: string;
}

/** Links an account elsewhere to the account whose owner began the flow while logged in. */
@Injectable()
export class LinkIdentity {
  constructor(
    private readonly database: Database,
    private readonly identities: IdentitiesRepository,
    private readonly sessions: SessionActivityRepository,
    private readonly mail: SendMail,
    private readonly audit: RecordAudit,
  ) {}

  /**
   * @throws AppError `oauth_flow_invalid` when the session has ended since, `oauth_email_unverified`,
   *   `link_unverified` when nobody has verified the account's own address, `identity_taken`
   */
  async execute(
    owner: LinkOwner,
    provider: ProviderName,
    account: ForeignAccount,
  ): Promise<Identity> {
    const { tenantId, userId, sessionId } = owner;
    const event = {
      event: 'identity.linked',
      tenantId,
      actorId: userId,
      subjectId: userId,
    } as const;
    const result = await this.database.transaction(async (tx) => {
      const linked = await this.link(tx, owner, provider, account);
      if ('identity' in linked && linked.isNew) {
        const detail = { provider, identityId: linked.identity.id };
        this.audit.execute(tx, { ...event, sessionId, detail });
        await this.mail.enqueue(tx, { template: 'identity-linked', tenantId, userId });
      }
      return linked;
    });
    if ('identity' in result) return result.identity;
    const reason = result.refusal.code;
    authTelemetry.oauthRefused(provider, reason);
    await this.audit.refusal({ ...event, sessionId, detail: { provider, reason } });
    throw result.refusal;
  }

  private async link(
    tx: Tx,
    { tenantId, userId, sessionId }: LinkOwner,
    provider: ProviderName,
    { subject, verifiedEmail }: ForeignAccount,
  ): Promise<{ identity: Identity; isNew: boolean } | { refusal: AppError }> {
    const owner = await this.identities.findOwnerById(tx, tenantId, userId);
    // Who logged out, or was banned, in the middle of it does not link any more.
    if (!owner || owner.isBanned || owner.isDeleted)
      return { refusal: authErrors.oauth_flow_invalid() };
    if (!(await this.sessions.isOpen(sessionId, userId, tx)))
      return { refusal: authErrors.oauth_flow_invalid() };
    if (verifiedEmail === undefined) return { refusal: authErrors.oauth_email_unverified() };
    if (!owner.isVerified) {
      // Whoever registered with somebody else's address would keep a way in after its owner has reset
      // the password. The same address, verified there, is proof enough.
      if (emailKey(verifiedEmail) !== owner.emailKey)
        return { refusal: authErrors.link_unverified() };
      await this.identities.markVerified(tx, userId);
    }
    const key = { tenantId, provider, subject };
    const identity = { id: uuidv7(), userId, email: verifiedEmail, ...key };
    const created = await this.identities.insert(tx, identity);
    if (created) return { identity: created, isNew: true };
    const present = await this.identities.findOwner(tx, key);
    const used =
      present?.id === userId ? await this.identities.use(tx, key, verifiedEmail) : undefined;
    return used ? { identity: used, isNew: false } : { refusal: authErrors.identity_taken() };
  }
}
