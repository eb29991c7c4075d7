import { describe, expect, it } from '@jest/globals';
import { ReportLimit } from './report-limit.js';

describe('ReportLimit', () => {
  it('admits each kind of error once a second, and counts what it holds back', () => {
    const limit = new ReportLimit();
    expect([0, 10, 999].map((now) => limit.admit('a', now))).toEqual([0, undefined, undefined]);
    expect(limit.admit('b', 10)).toBe(0);
    expect([1000, 1999, 2000].map((now) => limit.admit('a', now))).toEqual([2, undefined, 1]);
  });

  it('remembers a bounded number', () => {
    const limit = new ReportLimit();
    for (let n = 0; n < 10_000; n++) expect(limit.admit(`error ${n}`, 0)).toBe(0);
    expect(limit.admit('error 9999', 0)).toBeUndefined();
    expect(limit.admit('error 0', 0)).toBe(0);
  });
});
