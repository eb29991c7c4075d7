import { describe, expect, it } from '@jest/globals';
import { tightestOf } from './tightest.js';
import type { Standing } from './window.js';

describe('tightestOf', () => {
  const standing = (remaining: number, resetMs: number, retryMs = 0): Standing => ({
    ...{ limit: 100, remaining, resetMs, retryMs },
  });

  it.each<[string, Standing[], number]>([
    ['the only one', [standing(9, 1000)], 0],
    ['the one with the least left', [standing(9, 1000), standing(3, 10), standing(5, 9000)], 1],
    ['of two with the same left the one for longer', [standing(3, 10), standing(3, 900)], 1],
    ['the first of two equals', [standing(3, 10), standing(3, 10)], 0],
    ['a full one before one with less to wait', [standing(1, 90), standing(0, 90, 20)], 1],
    ['of two full ones the longer wait', [standing(0, 900, 800), standing(0, 5000, 20)], 0],
    // A window can be empty of room without having refused: the last request just took it.
    ['a refusal before what has nothing left', [standing(0, 9000), standing(0, 900, 1)], 1],
  ])('chooses %s', (_title, standings, expected) => {
    expect(tightestOf(standings)).toBe(expected);
  });
});
