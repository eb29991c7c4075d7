import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { Database } from '../../../platform/database/database.js';
import { platformErrors } from '../../../platform/errors/platform.errors.js';
import { allows } from '../../../platform/security/allows.js';
import { scopes as ofKeys, type Permission } from '../../../platform/security/permissions.js';
import type { Principal } from '../../../platform/security/principal.js';
import { RecordAudit } from '../audit/record-audit.js';
import { authErrors } from '../auth.errors.js';
import { SendMail } from '../mail/send-mail.js';
import { hashApiKey, newApiKey } from './api-key.js';
import type { CreatedApiKey, NewApiKeyRequest } from './api-key.schemas.js';
import { ApiKeysRepository } from './api-keys.repository.js';
import { presentApiKey } from './present-api-key.js';

const MAX_KEYS = 50;
const possible: readonly Permission[] = ofKeys;

/** Makes an API key, which can do at most what its account can do, and tells its owner. */
@Injectable()
export class CreateApiKey {
  constructor(
    private readonly database: Database,
    private readonly keys: ApiKeysRepository,
    private readonly mail: SendMail,
    private readonly audit: RecordAudit,
  ) {}

  /** @throws AppError `forbidden` for a scope that the caller cannot give, `too_many_api_keys` */
  async execute(
    caller: Principal,
    { name, scopes, expiresInDays }: NewApiKeyRequest,
  ): Promise<CreatedApiKey> {
    const refused = scopes.filter((scope) => !mayGive(caller, scope));
    if (refused.length > 0)
      throw platformErrors.forbidden({ detail: `No key of yours can have ${refused.join(', ')}.` });
    const { tenantId, userId } = caller;
    return this.database.transaction(async (tx) => {
      if (!(await this.keys.lockOwner(tx, tenantId, userId))) throw platformErrors.invalid_token();
      if ((await this.keys.countLiving(tx, userId)) >= MAX_KEYS)
        throw authErrors.too_many_api_keys();
      const key = newApiKey();
      const id = uuidv7();
      const hash = hashApiKey(key);
      const days = expiresInDays;
      const made = { id, tenantId, userId, name, hash, scopes, days };
      const stored = await this.keys.insert(tx, made);
      const detail = { key: id, scopes };
      this.audit.execute(tx, { event: 'api_key.created', tenantId, subjectId: userId, detail });
      await this.mail.enqueue(tx, { template: 'api-key-created', tenantId, userId });
      return { ...presentApiKey(stored), key };
    });
  }
}

function mayGive({ roles, tenantId }: Principal, scope: Permission): boolean {
  return possible.includes(scope) && allows({ roles, tenantId }, scope);
}
