import { describe, expect, it } from '@jest/globals';
import {
  hashRefreshToken,
  newRefreshToken,
  openSuccessor,
  sealSuccessor,
} from './refresh-token.js';

const session = '01a1f7e9-332e-71f7-bcb6-d031049d25ec';

describe('refresh tokens', () => {
  it('are random, and stored as a hash', () => {
    const token = newRefreshToken(session);
    expect(token).toMatch(/^mr_[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}$/);
    expect(newRefreshToken(session)).not.toBe(token);
    expect(hashRefreshToken(token)).toHaveLength(32);
  });

  it('show their successor only to who holds them', () => {
    const [token, next] = [newRefreshToken(session), newRefreshToken(session)];
    const sealed = sealSuccessor(token, next);
    expect(openSuccessor(token, sealed)).toBe(next);
    expect(() => openSuccessor(newRefreshToken(session), sealed)).toThrow();
    sealed[0] = (sealed[0] ?? 0) ^ 1;
    expect(() => openSuccessor(token, sealed)).toThrow();
  });
});
