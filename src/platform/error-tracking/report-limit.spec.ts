import { describe, expect, it } from '@jest/globals';
import { ReportLimit } from './report-limit.js';

describe('ReportLimit', () => {
  it('admits each kind of error once a second, and counts what it holds back', () => {
    const limit = new ReportLimit();
    expect([0, 10, 999].map((now) => limit.admit('a', now))).toEqual([0, undefined, undefined]);
    expect(limit.admit('b', 10)).toBe(0);
    expect([1000, 1999, 2000].map((now) => limit.admit('a', now))).toEqual([2, undefined, 1]);
  });

  it('admits sixty a minute of all kinds together, and tells later of those it held back', () => {
    const limit = new ReportLimit();
    const admitted = (from: number, now: number): number =>
      Array.from({ length: 100 }, (_, n) => limit.admit(`error ${from + n}`, now)).filter(
        (held) => held !== undefined,
      ).length;
    expect([admitted(0, 0), admitted(100, 30_000), admitted(200, 59_999)]).toEqual([60, 0, 0]);
    expect(limit.admit('error 150', 60_000)).toBe(1);
    expect(limit.admit('error 0', 60_000)).toBe(0);
    expect(admitted(300, 60_000)).toBe(58);
  });

  it('remembers a bounded number', () => {
    const limit = new ReportLimit();
    const minutes = (n: number): number => n * 60_000;
    for (const name of ['early', 'late']) {
      limit.admit(name, 0);
      limit.admit(name, 1);
    }
    for (let n = 1; n <= 498; n++) expect(limit.admit(`error ${n}`, minutes(n))).toBe(0);
    expect(limit.admit('late', minutes(499))).toBe(1);
    expect(limit.admit('another', minutes(500))).toBe(0);
    expect(limit.admit('early', minutes(501))).toBe(0);
  });
});
