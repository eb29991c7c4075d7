import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { ApiProblems } from '../../../platform/http/api-problems.js';
import { pageQuery, type Page } from '../../../platform/http/page.js';
import { RequirePermission } from '../../../platform/security/access.js';
import { Caller } from '../../../platform/security/caller.js';
import type { Principal } from '../../../platform/security/principal.js';
import { CreateTenant } from './create-tenant.js';
import { ListTenants } from './list-tenants.js';
import {
  newTenant,
  tenantPage,
  tenantSchema,
  type NewTenant,
  type Tenant,
} from './tenant.schemas.js';

@ApiTags('admin')
@Controller('api/v1/admin/tenants')
export class TenantsController {
  constructor(
    private readonly createTenant: CreateTenant,
    private readonly listTenants: ListTenants,
  ) {}

  /** Makes a tenant. Only administrators of the tenant `default` may. */
  @Post()
  @RequirePermission('tenants:manage')
  @ApiCreatedResponse({ standardSchema: tenantSchema })
  @ApiProblems(400, 409, 422, 429)
  create(
    @Caller() caller: Principal,
    @Body({ schema: newTenant }) body: NewTenant,
  ): Promise<Tenant> {
    return this.createTenant.execute(caller, body);
  }

  /** All tenants, in the order of their ids. */
  @Get()
  @RequirePermission('tenants:manage')
  @ApiOkResponse({ standardSchema: tenantPage })
  @ApiProblems(400)
  list(@Query({ schema: pageQuery }) query: z.output<typeof pageQuery>): Promise<Page<Tenant>> {
    return this.listTenants.execute(query);
  }
}
