import { describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { uuidAt } from './uuid-at.js';

describe('the smallest id of a moment', () => {
  it('is between the ids of before and after', () => {
    const at = Date.UTC(2030, 0, 1);
    expect(uuidAt(at) > uuidv7({ msecs: at - 1 })).toBe(true);
    expect(uuidAt(at) <= uuidv7({ msecs: at })).toBe(true);
  });

  it('is an id whatever the moment', () => {
    for (const at of [-1, 0, 0.5, 2 ** 60])
      expect(uuidAt(at)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7000-8000-0{12}$/);
  });
});
