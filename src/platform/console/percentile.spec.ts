import { describe, expect, it } from '@jest/globals';
import { percentile } from './percentile.js';

const bounds = [0.01, 0.1, 1];

describe('a percentile', () => {
  it.each([
    [0.5, [10, 20, 20, 20], 0.01], // the tenth of twenty is the last of its bucket
    [0.75, [10, 20, 20, 20], 0.055], // halfway through the second
    [0.5, [100, 100, 100, 100], 0.005],
    [0.99, [0, 0, 100, 100], 0.991],
    [1, [1, 2, 4, 4], 1],
  ])('%d of %j is %d', (share, counts, seconds) => {
    expect(percentile(share, bounds, counts)).toBeCloseTo(seconds, 6);
  });

  it('beyond the last bound is that bound: nobody knows more', () => {
    expect(percentile(0.95, bounds, [0, 0, 0, 5])).toBe(1);
  });

  it('of nothing is none', () => {
    expect(percentile(0.5, bounds, [0, 0, 0, 0])).toBeNull();
    expect(percentile(0.5, bounds, [])).toBeNull();
  });
});
