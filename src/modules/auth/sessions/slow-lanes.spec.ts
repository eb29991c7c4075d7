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
    const [lanes, { give, take }] = [new SlowLanes(), turns()];
    const order: string[] = [];
    const come = (name: string, attempts: number) =>
      lanes.wait({ lane: 'ada', attempts }, take).then(() => order.push(name));
    const all = [come('attacker', 2), come('another', 1), come('owner', 0), come('late', 1)];
    all.forEach(give);
    await Promise.all(all);
    expect(order).toEqual(['owner', 'another', 'late', 'attacker']);
  });

  it('holds 20 a lane and 500 in all, and makes place for who has tried less', async () => {
    const lanes = new SlowLanes(50);
    const never = (): Promise<number> => Promise.resolve(5);
    const come = (lane: string, attempts: number) => lanes.wait({ lane, attempts }, never);
    const results: string[] = [];
    const note = (name: string, one: Promise<boolean>) =>
      one.then((mayGo) => results.push(`${name} ${mayGo}`));
    const first = Array.from({ length: 20 }, () => come('ada', 1));
    void note('full', come('ada', 1));
    const owner = come('ada', 0);
    void note('displaced', first[19] as Promise<boolean>);
    await new Promise((resolve) => setImmediate(resolve));
    expect(results).toEqual(['full false', 'displaced false']);
    const others = Array.from({ length: 480 }, (_, n) => come(`lane ${n}`, 1));
    void note('all full', come('eve', 0));
    await new Promise((resolve) => setImmediate(resolve));
    expect(results.at(-1)).toBe('all full false');
    expect(await Promise.all([owner, ...first, ...others])).not.toContain(true); // nobody waits forever
  });

  it('forgets who gave up', async () => {
    const [lanes, { give, take }] = [new SlowLanes(), turns()];
    const gone = new AbortController();
    const first = lanes.wait({ lane: 'ada', attempts: 0 }, take, gone.signal);
    const second = lanes.wait({ lane: 'ada', attempts: 0 }, take);
    gone.abort();
    expect(await first).toBe(false);
    give();
    expect(await second).toBe(true);
  });
});
