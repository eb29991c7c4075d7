import { CreateTenant } from './create-tenant.js';
import { ListTenants } from './list-tenants.js';
import { ResolveTenant } from './resolve-tenant.js';
import { TenantsController } from './tenants.controller.js';

/** Tenants; their cache stands in `auth.module.ts`. */
export const tenants = {
  controllers: [TenantsController],
  serving: [ResolveTenant, CreateTenant, ListTenants],
};
