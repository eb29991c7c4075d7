import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { SlidingWindowStorage } from './sliding-window.storage.js';

describe('SlidingWindowStorage', () => {
  beforeEach(() => {
    jest.useFakeTimers({ now: 0 });
  });
  afterEach(() => {
    jest.useRealTimers();
  });
  const hit = (storage: SlidingWindowStorage, key = 'k') => storage.increment(key, 1000, 3);

  it('R4 never lets more than the limit into any window', async () => {
    const storage = new SlidingWindowStorage();
    const passed: number[] = [];
    for (let t = 0; t < 5000; t += 50) {
      if (!(await hit(storage)).isBlocked) passed.push(t);
      jest.advanceTimersByTime(50);
    }
    for (const from of passed) {
      expect(
        passed.filter((time) => time >= from && time < from + 1000).length,
      ).toBeLessThanOrEqual(3);
    }
    expect(passed).toHaveLength(15);
  });

  it('R5 lets through who waited for as long as it said', async () => {
    const storage = new SlidingWindowStorage();
    for (let n = 0; n < 3; n++) await hit(storage);
    for (let n = 0; n < 20; n++) {
      const { isBlocked, timeToBlockExpire } = await hit(storage);
      expect(isBlocked).toBe(true);
      if (n === 19) jest.advanceTimersByTime(timeToBlockExpire * 1000);
    }
    expect((await hit(storage)).isBlocked).toBe(false);
  });

  it('counts each key for itself', async () => {
    const storage = new SlidingWindowStorage();
    for (let n = 0; n < 4; n++) await hit(storage, 'one');
    expect(await hit(storage, 'two')).toMatchObject({ totalHits: 1, isBlocked: false });
  });
});
