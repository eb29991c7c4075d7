import { Inject, Injectable } from '@nestjs/common';
import { Caches, type Cache } from '../../../platform/cache/cache.js';
import { authConfig, type AuthConfig } from '../auth.config.js';
import { usernameKey } from './account.js';
import type { PublicProfile } from './account.schemas.js';
import { GetProfile } from './get-profile.js';

/**
 * Public profiles, kept in memory by tenant and name for `auth.profileCacheSeconds`. Nothing
 * invalidates them yet: what changes on a profile shows within that time.
 */
@Injectable()
export class ProfileCache {
  private readonly profiles: Cache<PublicProfile>;

  constructor(
    private readonly getProfile: GetProfile,
    caches: Caches,
    @Inject(authConfig.KEY) config: AuthConfig,
  ) {
    this.profiles = caches.create('profile', config.profileCacheSeconds * 1000);
  }

  get(tenantId: string, username: string): Promise<PublicProfile | undefined> {
    return this.profiles.getOrLoad(`${tenantId}/${usernameKey(username)}`, () =>
      this.getProfile.execute(tenantId, username),
    );
  }
}
