import type { Cache } from '../../platform/cache/cache.js';
import type { Caches } from '../../platform/cache/caches.js';
import type { CookieSession } from '../../platform/security/credential-store.js';
import type { Principal } from '../../platform/security/principal.js';
import type { RevocationPage } from '../../platform/security/revocations.js';
import type { AuthConfig } from './auth.config.js';
import { AuthApi, type Profile, type ProfileCounts, type PublicJwk } from './auth.contract.js';

/** AuthApi with cached profiles; wraps the local and the remote one alike. */
export class CachedAuthApi extends AuthApi {
  private readonly byId: Cache<Profile>;

  constructor(
    private readonly inner: AuthApi,
    caches: Caches,
    config: AuthConfig,
  ) {
    super();
    this.byId = caches.create({
      name: 'author',
      version: 1,
      ttlSeconds: config.profileCacheSeconds,
    });
  }

  async profilesByIds(tenantId: string, ids: readonly string[]): Promise<Map<string, Profile>> {
    const unique = [...new Set(ids)];
    const keys = unique.map((id) => `${tenantId}/${id}`);
    const profiles = await this.byId.getOrLoadMany(keys, async (missing) => {
      const loaded = await this.inner.profilesByIds(
        tenantId,
        missing.map((key) => key.slice(tenantId.length + 1)),
      );
      return new Map([...loaded].map(([id, profile]) => [`${tenantId}/${id}`, profile]));
    });
    const found = new Map<string, Profile>();
    for (const profile of profiles) if (profile) found.set(profile.id, profile);
    return found;
  }

  profileByUsername(tenantId: string, username: string): Promise<Profile | undefined> {
    return this.inner.profileByUsername(tenantId, username);
  }

  setCounts(counts: readonly ProfileCounts[]): Promise<void> {
    return this.inner.setCounts(counts);
  }

  noteActivity(sessionIds: readonly string[]): Promise<void> {
    return this.inner.noteActivity(sessionIds);
  }

  publicKeys(): Promise<PublicJwk[]> {
    return this.inner.publicKeys();
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
