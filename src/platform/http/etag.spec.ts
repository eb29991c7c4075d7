import { describe, expect, it } from '@jest/globals';
import { etagOf, matchesEtag } from './etag.js';

describe('etag', () => {
  const etag = etagOf('{"a":1}');
  it('is the same for the same bytes', () => {
    expect(etagOf('{"a":1}')).toBe(etag);
    expect(etagOf('{"a":2}')).not.toBe(etag);
  });
  it.each([
    [etag, true],
    [`W/${etag}`, true],
    [`"x", ${etag}`, true],
    ['*', true],
    ['"x"', false],
    ['', false],
  ])('If-None-Match %s → %s', (header, expected) => {
    expect(matchesEtag(header, etag)).toBe(expected);
  });
});
