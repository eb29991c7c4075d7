import { Injectable } from '@nestjs/common';
import { AccountsRepository } from './accounts/accounts.repository.js';
import { AuthApi, type Profile, type ProfileCounts, type PublicJwk } from './auth.contract.js';
import { SigningKeys } from './keys/signing-keys.js';
import { SessionsRepository } from './sessions/sessions.repository.js';

/** AuthApi where auth runs. */
@Injectable()
export class AuthService extends AuthApi {
  constructor(
    private readonly accounts: AccountsRepository,
    private readonly sessions: SessionsRepository,
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
    await this.sessions.noteActivity(sessionIds);
  }

  publicKeys(): Promise<PublicJwk[]> {
    return this.keys.publicKeys();
  }
}
