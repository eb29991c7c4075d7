import { Inject, Injectable } from '@nestjs/common';
import type { Cache } from '../../../platform/cache/cache.js';
import { Caches } from '../../../platform/cache/caches.js';
import type { Tx } from '../../../platform/database/transaction.js';
import { authConfig, type AuthConfig } from '../auth.config.js';
import { canBeUsername, usernameKey, type ProfileName } from './account.js';
import type { PublicProfile } from './account.schemas.js';
import type { AccountsRepository } from './accounts.repository.js';
import { GetProfile } from './get-profile.js';

/** Public profiles by tenant and name, also that a name is not taken. */
@Injectable()
export class ProfileCache {
  private readonly profiles: Cache<PublicProfile>;

  constructor(caches: Caches, @Inject(authConfig.KEY) config: AuthConfig) {
    this.profiles = caches.create({
      name: 'profile',
      version: 1,
      ttlSeconds: config.profileCacheSeconds,
    });
  }

  get(
    tenantId: string,
    username: string,
    load: () => Promise<PublicProfile | undefined>,
  ): Promise<PublicProfile | undefined> {
    return this.profiles.getOrLoad(keyOf(tenantId, usernameKey(username)), load);
  }

  /** Something that a public profile shows has changed. */
  changed(names: readonly ProfileName[], tx?: Tx): Promise<void> {
    return this.profiles.invalidate(
      names.map(({ tenantId, usernameKey: name }) => keyOf(tenantId, name)),
      tx,
    );
  }
}

/** The public profile behind a user name, from the cache where it is there. */
export class CachedGetProfile extends GetProfile {
  constructor(
    accounts: AccountsRepository,
    private readonly profiles: ProfileCache,
  ) {
    super(accounts);
  }

  override execute(tenantId: string, username: string): Promise<PublicProfile | undefined> {
    if (!canBeUsername(username)) return Promise.resolve(undefined);
    return this.profiles.get(tenantId, username, () => super.execute(tenantId, username));
  }
}

const keyOf = (tenantId: string, name: string): string => `${tenantId}/${name}`;
