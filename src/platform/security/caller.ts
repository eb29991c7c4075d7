import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { platformErrors } from '../errors/platform.errors.js';
import { requestContext } from '../observability/request-context.js';
import { allows } from './allows.js';
import type { Permission } from './permissions.js';
import { DEFAULT_TENANT, type Principal } from './principal.js';

/** Who asks, for reads that anyone may make: a tenant, and a user when one is logged in. */
export interface Viewer {
  tenantId: string;
  userId?: string;
}

/** The authenticated caller of a route that requires a permission. */
export const Caller = createParamDecorator(
  (_data: unknown, _context: ExecutionContext): Principal => {
    const principal = requestContext()?.principal;
    if (!principal) throw platformErrors.unauthenticated();
    return principal;
  },
);

/**
 * Who looks at a public route: the caller, or without a token anybody of the default tenant. A caller
 * without the permission (an API key without the scope) sees what anybody of its tenant sees.
 */
export const ViewedBy = createParamDecorator(
  (permission: Permission, _context: ExecutionContext): Viewer => {
    const principal = requestContext()?.principal;
    if (!principal) return { tenantId: DEFAULT_TENANT };
    const { tenantId, userId } = principal;
    return allows(principal, permission) ? { tenantId, userId } : { tenantId };
  },
);
