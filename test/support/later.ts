import { setTimeout as pause } from 'node:timers/promises';
import { jest } from '@jest/globals';

/** Time passes, also for an LRU: it looks at the clock once a millisecond, and then with a timer. Restore the mocks after it. */
export async function later(ms: number): Promise<void> {
  const [date, monotonic] = [Date.now(), performance.now()];
  await pause(2);
  jest.spyOn(Date, 'now').mockReturnValue(date + ms);
  jest.spyOn(performance, 'now').mockReturnValue(monotonic + ms);
}
