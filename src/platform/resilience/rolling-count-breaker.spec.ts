import { describe, expect, it } from '@jest/globals';
import { RollingCountBreaker } from './rolling-count-breaker.js';

describe('RollingCountBreaker', () => {
  const at = (times: number[]) => {
    let now = 0;
    const breaker = new RollingCountBreaker(5, 10_000, () => now);
    const opened = times.map((time) => {
      now = time;
      return breaker.failure();
    });
    return { opened, breaker, later: (ms: number) => (now = ms) };
  };

  it('opens at the fifth failure within ten seconds, and not before', () => {
    expect(at([0, 2000, 4000, 6000, 9999]).opened).toEqual([false, false, false, false, true]);
  });

  it('does not open for as many failures over a longer time', () => {
    expect(at([0, 3000, 6000, 9000, 12_000, 15_000]).opened).not.toContain(true);
  });

  it('forgets the oldest of them: the last five count', () => {
    expect(at([0, 10_000, 11_000, 12_000, 13_000, 14_000]).opened).toEqual([
      ...Array<boolean>(5).fill(false),
      true,
    ]);
  });

  it('counts what is within the window, whatever succeeded in between', () => {
    const { breaker, later } = at([0, 5000, 6000]);
    breaker.success();
    expect(breaker.count).toBe(3);
    later(14_000);
    expect(breaker.count).toBe(2);
    breaker.clear();
    expect(breaker.count).toBe(0);
  });
});
