import { describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { BUCKETS, bucketOf, seedOf } from './bucket-of.js';

describe('bucketOf', () => {
  const ids = Array.from({ length: 50_000 }, () => uuidv7());
  const seed = seedOf('posts.feed-cache');

  it('gives the same place in every process and version: who is in must not change with a release', () => {
    expect(bucketOf(seed, '01a1f7f8-2192-738f-963f-5c71fa5dbbc5')).toBe(2_538_670_353);
    expect(bucketOf(seed, '01a1f7f8-2192-738f-963f-5c71fa5dbbc6')).toBe(3_158_793_572);
    expect(bucketOf(seedOf('posts.search'), '01a1f7f8-2192-738f-963f-5c71fa5dbbc5')).toBe(
      59_152_614,
    );
  });

  it('spreads ids that were made one after the other evenly over the whole range', () => {
    const tenths = new Array<number>(10).fill(0);
    for (const id of ids) {
      const tenth = Math.floor((bucketOf(seed, id) / BUCKETS) * 10);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    // Five standard deviations of chance: 5 × √(50,000 × 0.1 × 0.9) = 335.
    for (const count of tenths) expect(Math.abs(count - 5000)).toBeLessThan(335);
  });

  it('chooses other users for another flag', () => {
    const other = seedOf('posts.search');
    const inBoth = ids.filter(
      (id) => bucketOf(seed, id) < BUCKETS / 2 && bucketOf(other, id) < BUCKETS / 2,
    );
    expect(Math.abs(inBoth.length / ids.length - 0.25)).toBeLessThan(0.01);
  });
});
