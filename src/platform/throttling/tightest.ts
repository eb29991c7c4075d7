import type { Standing } from './window.js';

/**
 * Which window the headers tell of: the one to wait longest for; when none is full, the one with the
 * least left, for the longest.
 */
export function tightestOf(standings: readonly Standing[]): number {
  let tightest = 0;
  standings.forEach((one, index) => {
    const best = standings[tightest];
    if (!best) return;
    const closer =
      one.retryMs - best.retryMs || best.remaining - one.remaining || one.resetMs - best.resetMs;
    if (closer > 0) tightest = index;
  });
  return tightest;
}
