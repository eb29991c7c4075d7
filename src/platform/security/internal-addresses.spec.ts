import { describe, expect, it } from '@jest/globals';
import { addressMatcher } from './internal-addresses.js';

describe('internal addresses', () => {
  const isInternal = addressMatcher(['127.0.0.0/8', '10.0.0.0/8', '::1/128', 'fc00::/7']);
  it.each(['127.0.0.1', '10.255.0.1', '::1', '::ffff:10.1.2.3', 'fd00::1'])('%s is', (address) => {
    expect(isInternal(address)).toBe(true);
  });
  it.each(['11.0.0.1', '::ffff:8.8.8.8', '2001:db8::1', '::2'])('%s is not', (address) => {
    expect(isInternal(address)).toBe(false);
  });
});
