import { describe, expect, it } from '@jest/globals';
import { seal, sha256, unseal } from './sealed-answer.js';

describe('stored answers', () => {
  it('open only with the key of the caller', () => {
    const sealed = seal('{"accessToken":"secret"}', 'the key');
    expect(sealed.toString('latin1')).not.toContain('secret');
    expect(unseal(sealed, 'the key')).toBe('{"accessToken":"secret"}');
    expect(() => unseal(sealed, 'another key')).toThrow();
  });

  it('hash parts so that they cannot run into each other', () => {
    expect(sha256('ab', 'c')).not.toEqual(sha256('a', 'bc'));
  });
});
