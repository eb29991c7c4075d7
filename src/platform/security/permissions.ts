/** Every permission there is. A route names one, or says that it is public. */
export const permissions = [
  'account:read',
  'account:write',
  'posts:read',
  'posts:write',
  'graph:write',
  'notifications:read',
  'notifications:write',
  'posts:moderate',
  'users:manage',
  'ops:manage',
  'limits:bypass',
] as const;
export type Permission = (typeof permissions)[number];

const user: Permission[] = [
  'account:read',
  'account:write',
  'posts:read',
  'posts:write',
  'graph:write',
  'notifications:read',
  'notifications:write',
];

/** Role -> permissions: the one table of who may do what. */
const table = new Map<string, readonly Permission[]>([
  ['user', user],
  ['moderator', [...user, 'posts:moderate']],
  ['admin', [...user, 'posts:moderate', 'users:manage', 'ops:manage', 'limits:bypass']],
]);

/** Whether any of the roles has the permission; an unknown role has none. */
export function rolesAllow(roles: readonly string[], permission: Permission): boolean {
  return roles.some((role) => table.get(role)?.includes(permission) ?? false);
}
