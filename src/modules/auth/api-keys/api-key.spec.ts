import { describe, expect, it } from '@jest/globals';
import { hashApiKey, newApiKey } from './api-key.js';

describe('API keys', () => {
  it('are random, with a prefix by which scanners know them, and stored as a hash', () => {
    const key = newApiKey();
    expect(key).toMatch(/^mk_[A-Za-z0-9_-]{43}$/);
    expect(newApiKey()).not.toBe(key);
    expect(hashApiKey(key)).toHaveLength(32);
    expect(hashApiKey(key)).toEqual(hashApiKey(key));
  });
});
