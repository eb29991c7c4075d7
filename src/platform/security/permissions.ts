/** Every permission there is. A route names one, or says that it is public. */
export const permissions = [
  'account:read',
  'account:write',
  'account:security',
  'posts:read',
  'posts:write',
  'graph:write',
  'notifications:read',
  'notifications:write',
  'posts:moderate',
  'users:manage',
  'audit:read',
  'keys:manage',
  'tenants:manage',
  'ops:manage',
  'limits:bypass',
] as const;
export type Permission = (typeof permissions)[number];

const user: Permission[] = [
  'account:read',
  'account:write',
  'account:security',
  'posts:read',
  'posts:write',
  'graph:write',
  'notifications:read',
  'notifications:write',
];

/** Role → permissions: the one table of who may do what. */
export const permissionsOf = {
  user,
  moderator: [...user, 'posts:moderate'],
  admin: permissions,
} as const satisfies Record<string, readonly Permission[]>;

export type Role = keyof typeof permissionsOf;

/** Every role there is. */
export const roles = Object.keys(permissionsOf) as [Role, ...Role[]];

/** What concerns the whole deployment is for admins of the tenant `default`: those of others have their own. */
export const deploymentWide: ReadonlySet<Permission> = new Set<Permission>([
  'keys:manage',
  'tenants:manage',
  'ops:manage',
  'limits:bypass',
]);

/**
 * What an API key may be made for. Never passwords, sessions and keys themselves: a key that leaked
 * must not become an account that is lost.
 */
export const scopes = permissions.filter((permission) => permission !== 'account:security');
