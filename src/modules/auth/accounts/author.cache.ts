import { Inject, Injectable } from '@nestjs/common';
import type { Cache } from '../../../platform/cache/cache.js';
import { Caches } from '../../../platform/cache/caches.js';
import type { Tx } from '../../../platform/database/transaction.js';
import { authConfig, type AuthConfig } from '../auth.config.js';
import type { Profile } from '../auth.contract.js';

/** Profiles by tenant and id, as `AuthApi.profilesByIds` gives them; kept in every process that asks. */
@Injectable()
export class AuthorCache {
  private readonly byId: Cache<Profile>;

  constructor(caches: Caches, @Inject(authConfig.KEY) config: AuthConfig) {
    this.byId = caches.create({
      name: 'author',
      version: 1,
      ttlSeconds: config.profileCacheSeconds,
    });
  }

  /** @param load what gives those that are not kept, by id */
  async getMany(
    tenantId: string,
    ids: readonly string[],
    load: (missing: string[]) => Promise<Map<string, Profile>>,
  ): Promise<Map<string, Profile>> {
    const keys = [...new Set(ids)].map((id) => keyOf(tenantId, id));
    const profiles = await this.byId.getOrLoadMany(keys, async (missing) => {
      const loaded = await load(missing.map((key) => key.slice(tenantId.length + 1)));
      return new Map([...loaded].map(([id, profile]) => [keyOf(tenantId, id), profile]));
    });
    const found = new Map<string, Profile>();
    for (const profile of profiles) if (profile) found.set(profile.id, profile);
    return found;
  }

  /** They show something else now, or are not there any more, or again. */
  changed(tenantId: string, ids: readonly string[], tx: Tx): Promise<void> {
    return this.byId.invalidate(
      ids.map((id) => keyOf(tenantId, id)),
      tx,
    );
  }
}

const keyOf = (tenantId: string, id: string): string => `${tenantId}/${id}`;
