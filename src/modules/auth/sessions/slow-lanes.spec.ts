import { describe, expect, it } from '@jest/globals';
import { SlowLanes } from './slow-lanes.js';

/** Turns that are given one by one. */
function turns() {
  let free = 0;
  return {
    give: () => free++,
    take: (): Promise<number> => Promise.resolve(free > 0 ? (free--, 0) : 5),
  };
}

describe('SlowLanes', () => {
  it('lets go who has tried least, then who came first', async () => {
    const [lanes, { give, take }] = [new SlowLanes(50), turns()];
    const order: string[] = [];
    const come = (name: string, attempts: number) =>
      lanes.wait({ lane: 'ada', attempts }, take).then(() => order.push(name));
    const all = [come('attacker', 2), come('another', 1), come('owner', 0), come('late', 1)];
    all.forEach(give);
    await Promise.all(all);
    expect(order).toEqual(['owner', 'another', 'late', 'attacker']);
  });

  /** Attempts that nobody lets go, and what becomes of some of them. */
  function stuck() {
    const lanes = new SlowLanes(50, 50);
    const results: string[] = [];
    const come = (lane: string, attempts: number) =>
      lanes.wait({ lane, attempts }, () => Promise.resolve(5));
    const note = (name: string, one: Promise<boolean> | undefined) =>
      void one?.then((mayGo) => results.push(`${name} ${mayGo}`));
    const many = (lane: string, count: number) =>
      Array.from({ length: count }, () => come(lane, 1));
    const settled = async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return results.splice(0);
    };
    return { come, note, many, settled };
  }

  it('holds 20 a lane, and makes place for who has tried less', async () => {
    const { come, note, many, settled } = stuck();
    const first = many('ada', 20);
    note('full', come('ada', 1));
    const owner = come('ada', 0);
    note('displaced', first[19]);
    expect(await settled()).toEqual(['full false', 'displaced false']);
    expect(await Promise.all([owner, ...first])).not.toContain(true); // nobody waits forever
  });

  it('holds 50 in all, and makes place in the longest lane for who comes to a shorter one', async () => {
    const { come, note, many, settled } = stuck();
    const [longest, another, short] = [many('ada', 20), many('bob', 18), many('cleo', 12)];
    note('displaced', longest[19]);
    note('newcomer', come('dora', 1));
    expect(await settled()).toEqual(['displaced false']);
    many('dora', 19).forEach((one, n) => note(`crowd ${n}`, one));
    // Of four lanes none gets longer than the others.
    const turnedAway = await settled();
    expect(turnedAway.filter((result) => result.startsWith('crowd')).length).toBeGreaterThan(5);
    expect(await Promise.all([...longest, ...another, ...short])).not.toContain(true);
  });

  it('forgets who gave up', async () => {
    const [lanes, { give, take }] = [new SlowLanes(50), turns()];
    const gone = new AbortController();
    const first = lanes.wait({ lane: 'ada', attempts: 0 }, take, gone.signal);
    const second = lanes.wait({ lane: 'ada', attempts: 0 }, take);
    gone.abort();
    expect(await first).toBe(false);
    give();
    expect(await second).toBe(true);
  });
});
