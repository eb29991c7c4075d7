import { createCache, type Cache as Levels } from 'cache-manager';
import { Keyv, type DeserializedData, type KeyvStoreAdapter } from 'keyv';
import type { Entry } from './entry.js';
import type { LruStore } from './lru-store.js';
import type { RedisStore } from './redis-store.js';

/** Memory and Redis, as far as there are such, as the levels of one cache of cache-manager. */
export function createLevels<V>(
  ttlMs: number,
  memory: LruStore<V> | undefined,
  shared: RedisStore | undefined,
  revive?: (json: V) => V,
): Levels {
  return createCache({
    stores: [...(memory ? [asItIs(memory)] : []), ...(shared ? [asJson(shared, revive)] : [])],
    ttl: ttlMs,
  });
}

/** Memory keeps values as they are. */
function asItIs(store: KeyvStoreAdapter): Keyv {
  const keyv = new Keyv({ store, useKeyPrefix: false });
  keyv.serialize = undefined;
  keyv.deserialize = undefined;
  return keyv;
}

/** Redis keeps them as JSON. */
function asJson<V>(store: RedisStore, revive?: (json: V) => V): Keyv {
  return new Keyv({
    store,
    useKeyPrefix: false,
    serialize: JSON.stringify,
    deserialize: <T>(text: string) => {
      const kept = JSON.parse(text) as { value: Entry<V> };
      if (revive && kept.value.value !== null) kept.value.value = revive(kept.value.value);
      return kept as DeserializedData<T>;
    },
  });
}
