import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import type { Principal } from '../../../platform/security/principal.js';
import { RecordAudit } from '../audit/record-audit.js';
import { authErrors } from '../auth.errors.js';
import type { NewTenant, Tenant } from './tenant.schemas.js';
import { TenantsRepository } from './tenants.repository.js';

/** Makes a tenant. Its first administrator is made at the command line (`npm run admin:create`). */
@Injectable()
export class CreateTenant {
  constructor(
    private readonly database: Database,
    private readonly tenants: TenantsRepository,
    private readonly audit: RecordAudit,
  ) {}

  /** @throws AppError `tenant_exists` */
  execute(caller: Principal, { id, name }: NewTenant): Promise<Tenant> {
    return this.database.transaction(async (tx) => {
      const tenant = await this.tenants.insert(tx, id, name);
      if (!tenant) throw authErrors.tenant_exists();
      const { tenantId } = caller; // whose administrators look after the deployment, and read of it
      this.audit.execute(tx, { event: 'tenant.created', tenantId, detail: { tenant: id } });
      return { id, name, createdAt: tenant.createdAt.toISOString() };
    });
  }
}
