import { Injectable } from '@nestjs/common';
import { DEFAULT_TENANT } from '../../../platform/security/principal.js';
import { authErrors } from '../auth.errors.js';
import { tenantId } from './tenant.schemas.js';
import { TenantsRepository } from './tenants.repository.js';

/** The tenant of a registration or login: the one of `X-Tenant`, which must exist, or the default. */
@Injectable()
export class ResolveTenant {
  constructor(private readonly tenants: TenantsRepository) {}

  async execute(header: string | undefined): Promise<string> {
    if (header === undefined || header === DEFAULT_TENANT) return DEFAULT_TENANT;
    const isPossible = tenantId.safeParse(header).success;
    if (!isPossible || !(await this.tenants.exists(header))) throw authErrors.unknown_tenant();
    return header;
  }
}
