import { Inject, Injectable } from '@nestjs/common';
import { Caches, type Cache } from '../../../platform/cache/cache.js';
import { platformErrors } from '../../../platform/errors/platform.errors.js';
import { authConfig, type AuthConfig } from '../auth.config.js';
import type { PublicProfile } from './account.schemas.js';
import { usernameKey } from './account.js';
import { AccountsRepository } from './accounts.repository.js';
import { presentPublic } from './present-account.js';

/** The public profile behind a user name. */
@Injectable()
export class GetProfile {
  private readonly cache: Cache<PublicProfile>;

  constructor(
    private readonly accounts: AccountsRepository,
    caches: Caches,
    @Inject(authConfig.KEY) config: AuthConfig,
  ) {
    this.cache = caches.create('profile', config.profileCacheSeconds * 1000);
  }

  /** @throws AppError `not_found` */
  async execute(tenantId: string, username: string): Promise<PublicProfile> {
    const profile = await this.cache.getOrLoad(`${tenantId}/${usernameKey(username)}`, async () => {
      const account = await this.accounts.findByUsername(tenantId, username);
      return account && presentPublic(account);
    });
    if (!profile) throw platformErrors.not_found();
    return profile;
  }
}
