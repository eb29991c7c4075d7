import { describe, expect, it } from '@jest/globals';
import {
  hashRefreshToken,
  newRefreshToken,
  openSuccessor,
  sealSuccessor,
} from './refresh-token.js';

describe('refresh tokens', () => {
  it('are random, and stored as a hash', () => {
    const token = newRefreshToken();
    expect(token).toMatch(/^mr_[A-Za-z0-9_-]{43}$/);
    expect(newRefreshToken()).not.toBe(token);
    expect(hashRefreshToken(token)).toHaveLength(32);
  });

  it('show their successor only to who holds them', () => {
    const [token, next] = [newRefreshToken(), newRefreshToken()];
    const sealed = sealSuccessor(token, next);
    expect(openSuccessor(token, sealed)).toBe(next);
    expect(() => openSuccessor(newRefreshToken(), sealed)).toThrow();
    sealed[0] = (sealed[0] ?? 0) ^ 1;
    expect(() => openSuccessor(token, sealed)).toThrow();
  });
});
