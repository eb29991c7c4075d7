import { describe, expect, it } from '@jest/globals';
import { MessageLimit } from './message-limit.js';

describe('MessageLimit', () => {
  it('passes 50 a second and drops the 51st, saying when to try again', () => {
    const limit = new MessageLimit(50, 1000);
    for (let n = 0; n < 50; n++) expect(limit.judge(n)).toEqual({ verdict: 'pass' });
    expect(limit.judge(50)).toEqual({ verdict: 'drop', retryAfterMs: 950 });
    expect(limit.judge(1000)).toEqual({ verdict: 'pass' });
  });

  it('R8 closes who stays over the limit for 5 s on end', () => {
    const limit = new MessageLimit(50, 1000);
    const verdicts = new Map<string, number>();
    let closedAt: number | undefined;
    for (let t = 0; t < 7000 && closedAt === undefined; t += 10) {
      const { verdict } = limit.judge(t);
      verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
      if (verdict === 'close') closedAt = t;
    }
    expect(closedAt).toBeGreaterThanOrEqual(5500);
    expect(closedAt).toBeLessThan(6500);
  });

  it('forgets a flood that ended', () => {
    const limit = new MessageLimit(50, 1000);
    for (let t = 0; t < 4000; t += 10) limit.judge(t);
    for (let t = 6000; t < 10_000; t += 100) expect(limit.judge(t)).toEqual({ verdict: 'pass' });
    for (let t = 10_000; t < 13_000; t += 10) expect(limit.judge(t).verdict).not.toBe('close');
  });
});
