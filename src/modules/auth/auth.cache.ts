import type { Caches } from '../../platform/cache/caches.js';
import type { CookieSession } from '../../platform/security/credential-store.js';
import type { Principal } from '../../platform/security/principal.js';
import type { RevocationPage } from '../../platform/security/revocations.js';
import { canBeUsername } from './accounts/account.js';
import { AuthorCache } from './accounts/author.cache.js';
import type { AuthConfig } from './auth.config.js';
import { AuthApi, type Profile, type ProfileCounts, type PublicJwk } from './auth.contract.js';

/** AuthApi with cached profiles; wraps the local and the remote one alike. */
export class CachedAuthApi extends AuthApi {
  private readonly authors: AuthorCache;

  constructor(
    private readonly inner: AuthApi,
    caches: Caches,
    config: AuthConfig,
  ) {
    super();
    this.authors = new AuthorCache(caches, config);
  }

  profilesByIds(tenantId: string, ids: readonly string[]): Promise<Map<string, Profile>> {
    return this.authors.getMany(tenantId, ids, (missing) =>
      this.inner.profilesByIds(tenantId, missing),
    );
  }

  profileByUsername(tenantId: string, username: string): Promise<Profile | undefined> {
    if (!canBeUsername(username)) return Promise.resolve(undefined);
    return this.inner.profileByUsername(tenantId, username);
  }

  setCounts(counts: readonly ProfileCounts[]): Promise<void> {
    return this.inner.setCounts(counts);
  }

  noteActivity(sessionIds: readonly string[]): Promise<void> {
    return this.inner.noteActivity(sessionIds);
  }

  publicKeys(wanted?: string): Promise<PublicJwk[]> {
    return this.inner.publicKeys(wanted);
  }

  callerOfApiKey(hash: string): Promise<Principal | undefined> {
    return this.inner.callerOfApiKey(hash);
  }

  sessionOfCookie(hash: string): Promise<CookieSession | undefined> {
    return this.inner.sessionOfCookie(hash);
  }

  revocationsAfter(cursor: string): Promise<RevocationPage> {
    return this.inner.revocationsAfter(cursor);
  }
}
