import { describe, expect, it } from '@jest/globals';
import { addressMatcher } from './internal-addresses.js';
import { permissions, rolesAllow } from './permissions.js';

describe('internal addresses', () => {
  const isInternal = addressMatcher(['127.0.0.0/8', '10.0.0.0/8', '::1/128', 'fc00::/7']);
  it.each(['127.0.0.1', '10.255.0.1', '::1', '::ffff:10.1.2.3', 'fd00::1'])('%s is', (address) => {
    expect(isInternal(address)).toBe(true);
  });
  it.each(['11.0.0.1', '::ffff:8.8.8.8', '2001:db8::1', '::2'])('%s is not', (address) => {
    expect(isInternal(address)).toBe(false);
  });
});

describe('roles', () => {
  it('give admins everything, users nothing of the operators, and unknown roles nothing', () => {
    for (const permission of permissions) {
      expect(rolesAllow(['admin'], permission)).toBe(true);
      expect(rolesAllow(['root', '__proto__', 'constructor'], permission)).toBe(false);
    }
    expect(rolesAllow(['user'], 'posts:write')).toBe(true);
    for (const permission of [
      'ops:manage',
      'users:manage',
      'posts:moderate',
      'limits:bypass',
    ] as const) {
      expect(rolesAllow(['user'], permission)).toBe(false);
    }
  });
});
