import { describe, expect, it } from '@jest/globals';
import { allows } from './allows.js';
import { deploymentWide, permissions, scopes, type Permission } from './permissions.js';

const may = (roles: string[], permission: Permission, tenantId = 'default') =>
  allows({ roles, tenantId }, permission);

describe('permissions', () => {
  it('give admins everything, users nothing of the operators, and unknown roles nothing', () => {
    for (const permission of permissions) {
      expect(may(['admin'], permission)).toBe(true);
      expect(may(['root', '__proto__', 'constructor'], permission)).toBe(false);
    }
    expect(may(['user'], 'posts:write')).toBe(true);
    for (const permission of [...deploymentWide, 'users:manage', 'posts:moderate'] as const) {
      expect(may(['user'], permission)).toBe(false);
    }
  });

  it('give the admin of another tenant nothing of the deployment', () => {
    for (const permission of permissions) {
      expect(may(['admin'], permission, 'acme')).toBe(!deploymentWide.has(permission));
    }
  });

  it('give an API key what both its scopes and the roles of its owner allow', () => {
    const key = {
      roles: ['user'],
      tenantId: 'default',
      scopes: ['posts:read', 'ops:manage'] as const,
    };
    expect(allows(key, 'posts:read')).toBe(true);
    expect(allows(key, 'posts:write')).toBe(false);
    expect(allows(key, 'ops:manage')).toBe(false);
  });

  it('know no API key that may change passwords and sessions', () => {
    expect(scopes).not.toContain('account:security');
  });
});
