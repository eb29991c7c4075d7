import { deploymentWide, permissionsOf, type Permission } from './permissions.js';
import { DEFAULT_TENANT, type Principal } from './principal.js';

const byRole = new Map<string, readonly Permission[]>(Object.entries(permissionsOf));

/** Whether the caller may: by a role (an unknown one gives nothing), and by the scope of an API key. */
export function allows(
  { roles, scopes, tenantId }: Pick<Principal, 'roles' | 'scopes' | 'tenantId'>,
  permission: Permission,
): boolean {
  if (scopes && !scopes.includes(permission)) return false;
  if (tenantId !== DEFAULT_TENANT && deploymentWide.has(permission)) return false;
  return roles.some((role) => byRole.get(role)?.includes(permission) ?? false);
}
