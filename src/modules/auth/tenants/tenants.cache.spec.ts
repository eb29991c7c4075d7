import { describe, expect, it } from '@jest/globals';
import { CachedTenantsRepository } from './tenants.cache.js';
import type { TenantsRepository } from './tenants.repository.js';

describe('tenants in memory', () => {
  it('are asked for until they are there, and then no more', async () => {
    const there = new Set<string>();
    const asked: string[] = [];
    const inner = {
      exists: (id: string) => {
        asked.push(id);
        return Promise.resolve(there.has(id));
      },
    } as unknown as TenantsRepository;
    const tenants = new CachedTenantsRepository(inner);
    for (let n = 0; n < 2; n++) expect(await tenants.exists('acme')).toBe(false);
    there.add('acme');
    for (let n = 0; n < 3; n++) expect(await tenants.exists('acme')).toBe(true);
    expect(asked).toEqual(['acme', 'acme', 'acme']);
  });
});
