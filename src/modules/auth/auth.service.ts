import { Injectable } from '@nestjs/common';
import type { CookieSession } from '../../platform/security/credential-store.js';
import type { Principal } from '../../platform/security/principal.js';
import type { RevocationPage } from '../../platform/security/revocations.js';
import { AccountsRepository } from './accounts/accounts.repository.js';
import { ApiKeysRepository } from './api-keys/api-keys.repository.js';
import { AuthApi, type Profile, type ProfileCounts, type PublicJwk } from './auth.contract.js';
import { SigningKeys } from './keys/signing-keys.js';
import { FindCookieSession } from './sessions/find-cookie-session.js';
import { RevocationsRepository } from './revocations/revocations.repository.js';
import { SessionActivityRepository } from './sessions/session-activity.repository.js';

/** AuthApi where auth runs. */
@Injectable()
export class AuthService extends AuthApi {
  constructor(
    private readonly accounts: AccountsRepository,
    private readonly activity: SessionActivityRepository,
    private readonly cookies: FindCookieSession,
    private readonly apiKeys: ApiKeysRepository,
    private readonly revocations: RevocationsRepository,
    private readonly keys: SigningKeys,
  ) {
    super();
  }

  async profilesByIds(tenantId: string, ids: readonly string[]): Promise<Map<string, Profile>> {
    const profiles = await this.accounts.profilesByIds(tenantId, ids);
    return new Map(profiles.map((profile) => [profile.id, profile]));
  }

  async profileByUsername(tenantId: string, username: string): Promise<Profile | undefined> {
    const account = await this.accounts.findByUsername(tenantId, username);
    if (!account) return undefined;
    const { id, displayName, avatarUrl } = account;
    return { id, username: account.username, displayName, avatarUrl };
  }

  async setCounts(counts: readonly ProfileCounts[]): Promise<void> {
    await this.accounts.setCounts(counts);
  }

  async noteActivity(sessionIds: readonly string[]): Promise<void> {
    await Promise.all([this.activity.noteActivity(sessionIds), this.apiKeys.noteUse(sessionIds)]);
  }

  callerOfApiKey(hash: string): Promise<Principal | undefined> {
    return this.apiKeys.principalOf(Buffer.from(hash, 'base64url'));
  }

  sessionOfCookie(hash: string): Promise<CookieSession | undefined> {
    return this.cookies.execute(hash);
  }

  revocationsAfter(cursor: string): Promise<RevocationPage> {
    return this.revocations.after(cursor);
  }

  async publicKeys(wanted?: string): Promise<PublicJwk[]> {
    // Another instance may have made it while this one did not hear of it.
    if (wanted !== undefined && !this.keys.publishes(wanted)) await this.keys.load();
    return this.keys.publicKeys();
  }
}
