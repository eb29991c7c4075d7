import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { WakeableLoop } from './wakeable-loop.js';

describe('WakeableLoop', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  it('makes one round of many wakes, one at a time, and another for a wake during a round', async () => {
    jest.useFakeTimers();
    let rounds = 0;
    let finish: () => void = () => undefined;
    const loop = new WakeableLoop(
      () => {
        rounds++;
        return new Promise((resolve) => (finish = resolve));
      },
      { everyMs: 1000, restMs: 10 },
    );
    loop.wake();
    loop.wake();
    expect(rounds).toBe(1);
    finish();
    await jest.advanceTimersByTimeAsync(10);
    expect(rounds).toBe(2);
    finish();
    await jest.advanceTimersByTimeAsync(500);
    expect(rounds).toBe(2);
  });

  it('rests between rounds, runs by the clock, and stops after the round under way', async () => {
    jest.useFakeTimers();
    let rounds = 0;
    const loop = new WakeableLoop(
      () => {
        rounds++;
        return Promise.resolve();
      },
      {
        everyMs: 1000,
        restMs: 100,
      },
    );
    loop.start();
    await jest.advanceTimersByTimeAsync(1);
    for (let n = 0; n < 50; n++) loop.wake();
    expect(rounds).toBe(1);
    await jest.advanceTimersByTimeAsync(100);
    expect(rounds).toBe(2);
    await jest.advanceTimersByTimeAsync(1000);
    expect(rounds).toBe(3);
    await loop.stop();
    loop.wake();
    await jest.advanceTimersByTimeAsync(5000);
    expect(rounds).toBe(3);
    expect(jest.getTimerCount()).toBe(0);
  });
});
