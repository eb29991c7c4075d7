import { LRUCache } from 'lru-cache';
import type { Tx } from '../../../platform/database/transaction.js';
import { TenantsRepository, type StoredTenant } from './tenants.repository.js';

const MAX_TENANTS = 10_000;

/**
 * Remembers which tenants there are: every registration and login with a header asks. That there is
 * none is asked anew each time, for it may be made at any moment; one that is there stays.
 */
export class CachedTenantsRepository extends TenantsRepository {
  private readonly known = new LRUCache<string, true>({ max: MAX_TENANTS });

  constructor(private readonly inner: TenantsRepository) {
    super();
  }

  async exists(id: string): Promise<boolean> {
    if (this.known.has(id)) return true;
    const found = await this.inner.exists(id);
    if (found) this.known.set(id, true);
    return found;
  }

  insert(tx: Tx, id: string, name: string): Promise<StoredTenant | undefined> {
    return this.inner.insert(tx, id, name);
  }

  list(after: string | undefined, limit: number): Promise<StoredTenant[]> {
    return this.inner.list(after, limit);
  }
}
