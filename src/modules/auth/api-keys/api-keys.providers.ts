import { ApiKeysController } from './api-keys.controller.js';
import { ApiKeysRepository, PgApiKeysRepository } from './api-keys.repository.js';
import { CreateApiKey } from './create-api-key.js';
import { ListApiKeys } from './list-api-keys.js';
import { RevokeApiKey } from './revoke-api-key.js';

/** API keys. */
export const apiKeys = {
  controllers: [ApiKeysController],
  both: [{ provide: ApiKeysRepository, useClass: PgApiKeysRepository }],
  serving: [CreateApiKey, ListApiKeys, RevokeApiKey],
};
