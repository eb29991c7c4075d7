import { describe, expect, it } from '@jest/globals';
import { Increases } from './increases.js';

const counters = (values: Record<string, number[]>) => new Map(Object.entries(values));

describe('increases', () => {
  it('are counted from before the span, and forget what is older', () => {
    const minute = new Increases(60_000);
    for (let second = 0; second <= 300; second += 10)
      minute.add(second * 1000, counters({ requests: [second * 2, second] }));
    expect(minute.seconds).toBe(60);
    expect(minute.of('requests')).toEqual([120, 60]);
  });

  it('know less than the span after a start, and say so', () => {
    const minute = new Increases(60_000);
    minute.add(5000, counters({ requests: [100] }));
    expect([minute.seconds, minute.of('requests')]).toEqual([0, [0]]);
    minute.add(15_000, counters({ requests: [150] }));
    expect([minute.seconds, minute.of('requests')]).toEqual([10, [50]]);
  });

  it('go on after a counter was reset, as often as it is', () => {
    const minute = new Increases(60_000);
    [1000, 1010, 5, 20, 3].forEach((value, n) =>
      minute.add(n * 1000, counters({ requests: [value] })),
    );
    expect(minute.of('requests')).toEqual([10 + 5 + 15 + 3]);
  });

  it('take a counter that is new for one that began at nothing, and know no others', () => {
    const minute = new Increases(60_000);
    minute.add(0, counters({}));
    minute.add(1000, counters({ late: [7] }));
    expect([minute.of('late'), minute.of('never')]).toEqual([[7], []]);
    expect(minute.names()).toEqual(['late']);
  });
});
