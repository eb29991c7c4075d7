import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { Tx } from '../../../platform/database/transaction.js';
import { platformErrors } from '../../../platform/errors/platform.errors.js';
import { isReservedUsername } from '../accounts/reserved-usernames.js';
import { AccountsRepository } from '../accounts/accounts.repository.js';
import { RecordAudit } from '../audit/record-audit.js';
import { authTelemetry } from '../auth.telemetry.js';
import type { TokenSubject } from '../keys/issue-access-token.js';
import type { IdentityKey } from './identities.repository.js';
import type { ForeignAccount } from './provider.js';
import { suggestDisplayName, suggestUsernames } from './suggest-usernames.js';

/** Creates the account of who signs in elsewhere for the first time: without a password. */
@Injectable()
export class CreateForeignAccount {
  constructor(
    private readonly accounts: AccountsRepository,
    private readonly audit: RecordAudit,
  ) {}

  /**
   * @param email which the provider has verified
   * @returns undefined when an account with this address came about in the meantime
   */
  async execute(
    tx: Tx,
    { tenantId, provider }: IdentityKey,
    email: string,
    { username, name }: ForeignAccount,
  ): Promise<TokenSubject | undefined> {
    const id = uuidv7();
    for (const candidate of suggestUsernames({ username, name })) {
      if (isReservedUsername(candidate)) continue;
      const displayName = suggestDisplayName(name, candidate);
      const names = { email, username: candidate, displayName };
      const account = { id, tenantId, ...names, passwordHash: null, emailVerified: true };
      const { conflict } = await this.accounts.insert(tx, account);
      if (conflict?.email) return undefined;
      if (conflict) continue;
      const event = { event: 'account.registered', actorId: id, subjectId: id } as const;
      this.audit.execute(tx, { ...event, tenantId, detail: { provider } });
      tx.onCommitted(() => authTelemetry.registered(id));
      return { id, tenantId, roles: ['user'] };
    }
    throw platformErrors.conflict({ detail: 'No user name could be found: try again.' });
  }
}
