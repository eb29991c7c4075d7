import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Turns } from './turns.js';

describe('turns', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  const refused = new Error('too many');
  const taking = (ms: number) => () =>
    new Promise<string>((resolve) => setTimeout(resolve, ms, 'done'));
  /** What becomes of works that all come at once. */
  const outcomes = async (turns: Turns, works: number, ms: number) => {
    const all = Promise.allSettled(Array.from({ length: works }, () => turns.run(taking(ms))));
    await jest.advanceTimersByTimeAsync(works * ms);
    const settled = await all;
    return settled.map(({ status }) => (status === 'fulfilled' ? 'done' : 'refused')).join(' ');
  };

  it('let nobody wait longer than works of late would take, however much room there is', async () => {
    const turns = new Turns(1, { queue: 50, waitMs: 800 }, () => refused);
    for (let n = 0; n < 20; n++) await outcomes(turns, 1, 200);
    // One runs, and four wait: the last is expected to wait 792 ms, since a little is not learnt yet.
    expect(await outcomes(turns, 6, 200)).toBe('done done done done done refused');
    for (let n = 0; n < 20; n++) await outcomes(turns, 1, 400);
    expect(await outcomes(turns, 6, 400)).toBe('done done done refused refused refused');
    for (let n = 0; n < 30; n++) await outcomes(turns, 1, 10);
    expect(await outcomes(turns, 50, 10)).not.toContain('refused');
  });

  it('let one wait always: what takes longer than anybody may wait is done, too', async () => {
    const turns = new Turns(1, { queue: 50, waitMs: 800 }, () => refused);
    for (let n = 0; n < 20; n++) await outcomes(turns, 1, 2000);
    expect(await outcomes(turns, 3, 2000)).toBe('done done refused');
  });

  it('count what runs at the same time', async () => {
    const turns = new Turns(2, { queue: 50, waitMs: 500 }, () => refused);
    for (let n = 0; n < 20; n++) await outcomes(turns, 1, 250);
    expect(await outcomes(turns, 8, 250)).toBe('done done done done done done refused refused');
  });
});
