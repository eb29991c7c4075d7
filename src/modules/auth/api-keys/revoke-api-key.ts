import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { platformErrors } from '../../../platform/errors/platform.errors.js';
import type { Principal } from '../../../platform/security/principal.js';
import { RecordAudit } from '../audit/record-audit.js';
import { ApiKeysRepository } from './api-keys.repository.js';
import { ForgetApiKeys } from '../revocations/forget-api-keys.js';

/** Ends an API key: it is worth nothing from the commit on, and within seconds in every process. */
@Injectable()
export class RevokeApiKey {
  constructor(
    private readonly database: Database,
    private readonly keys: ApiKeysRepository,
    private readonly forget: ForgetApiKeys,
    private readonly audit: RecordAudit,
  ) {}

  /** A key that is revoked already stays so. @throws AppError `not_found` for one that is not the caller's */
  async execute({ tenantId, userId }: Principal, id: string): Promise<void> {
    await this.database.transaction(async (tx) => {
      const outcome = await this.keys.revoke(tx, tenantId, userId, id);
      if (outcome === undefined) throw platformErrors.not_found();
      if (outcome === 'was revoked') return;
      await this.forget.execute(tx, [id]);
      const detail = { key: id };
      this.audit.execute(tx, { event: 'api_key.revoked', tenantId, subjectId: userId, detail });
    });
  }
}
