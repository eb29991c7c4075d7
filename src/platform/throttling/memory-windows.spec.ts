import { describe, expect, it } from '@jest/globals';
import { MemoryWindows } from './memory-windows.js';
import type { Standing } from './window.js';

describe('MemoryWindows', () => {
  const window = (key: string, limit = 3) => ({ key, limit, windowMs: 1000 });
  const hit = (windows: MemoryWindows, now: number, ...keys: string[]): Standing[] =>
    windows.count(
      keys.map((key) => window(key)),
      'take',
      now,
    );
  const passed = (standings: Standing[]) => standings.every(({ retryMs }) => retryMs === 0);

  it('R4 never lets more than the limit into any window', () => {
    const windows = new MemoryWindows();
    const times: number[] = [];
    for (let now = 0; now < 5000; now += 50) if (passed(hit(windows, now, 'k'))) times.push(now);
    for (const from of times) {
      expect(times.filter((time) => time >= from && time < from + 1000).length).toBeLessThanOrEqual(
        3,
      );
    }
    expect(times).toHaveLength(15);
  });

  it('R5 lets through who waited for as long as it said, however often they tried meanwhile', () => {
    const windows = new MemoryWindows();
    for (const now of [0, 100, 200]) hit(windows, now, 'k');
    for (let now = 300; now < 320; now++) {
      expect(hit(windows, now, 'k')[0]?.retryMs).toBe(1000 - now);
    }
    expect(passed(hit(windows, 1000, 'k'))).toBe(true);
    expect(passed(hit(windows, 1001, 'k'))).toBe(false);
  });

  it('counts in all windows of a request or in none', () => {
    const windows = new MemoryWindows();
    for (let now = 0; now < 3; now++) hit(windows, now, 'full', `other${now}`);
    expect(passed(hit(windows, 5, 'full', 'fresh'))).toBe(false);
    expect(windows.count([window('fresh')], 'look', 6)[0]?.remaining).toBe(3);
  });

  it('looks without counting', () => {
    const windows = new MemoryWindows();
    hit(windows, 0, 'k');
    for (let n = 0; n < 5; n++)
      expect(windows.count([window('k')], 'look', 10)[0]).toEqual({
        limit: 3,
        remaining: 2,
        resetMs: 990,
        retryMs: 0,
      });
  });
});
