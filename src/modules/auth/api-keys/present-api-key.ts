import type { ApiKey } from './api-key.schemas.js';
import type { StoredApiKey } from './api-keys.repository.js';

export function presentApiKey(key: StoredApiKey): ApiKey {
  const { id, name, scopes, createdAt, expiresAt, lastUsedAt } = key;
  return {
    id,
    name,
    scopes,
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
  };
}
