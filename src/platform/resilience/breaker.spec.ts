import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { register } from 'prom-client';
import { shortest, timed } from '../../../test/support/shortest.js';
import { Breaker, type BreakerOptions } from './breaker.js';

const down = Object.assign(new Error('gone'), { code: 'ECONNREFUSED' });
const business = Object.assign(new Error('taken'), { code: '23505' });

const made: Breaker[] = [];
let number = 0;
function breaker(options: Partial<BreakerOptions> = {}, openSeconds = 30, probeSeconds = 0.1) {
  const config = {
    breakerFailures: 5,
    breakerWindowSeconds: 10,
    breakerOpenSeconds: openSeconds,
    breakerProbeSeconds: probeSeconds,
  };
  const isFailure = (error: unknown) => error === down;
  const one = new Breaker(`test_${number++}`, config, { isFailure, fallback: 'none', ...options });
  made.push(one);
  return one;
}
afterEach(() => made.splice(0).forEach((one) => one.stop()));

const fail = (one: Breaker, error: Error = down) =>
  one.run(() => Promise.reject(error)).catch((thrown: unknown) => thrown);
const open = async (one: Breaker) => {
  for (let n = 0; n < 5; n++) await fail(one);
};
const ok = (one: Breaker) => one.run(() => Promise.resolve('answer'));
async function metric(name: string, one: Breaker): Promise<number | undefined> {
  const { values } = (await register.getSingleMetric(name)?.get()) ?? { values: [] };
  return values.find(({ labels }) => labels['name'] === one.name)?.value;
}
const stateOf = (one: Breaker) => metric('circuit_breaker_state', one);
const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await pause(5);
};

describe('Breaker', () => {
  it('opens at the fifth failure, refuses without a call, and tells so', async () => {
    const one = breaker();
    for (let n = 0; n < 4; n++) expect(await fail(one)).toBe(down);
    expect(one.report()).toMatchObject({ state: 'closed', failures: 4, openedAt: null });
    expect(await stateOf(one)).toBe(0);
    expect(await fail(one)).toBe(down);
    let called = false;
    const refused = one.run(() => Promise.resolve((called = true)));
    await expect(refused).rejects.toMatchObject({
      code: 'dependency_unavailable',
      cause: { code: 'ECONNREFUSED', message: expect.stringContaining('gone') },
    });
    expect(called).toBe(false);
    expect(one.report()).toMatchObject({ state: 'open', lastError: 'ECONNREFUSED' });
    expect(one.isOpen).toBe(true);
    expect(await stateOf(one)).toBe(2);
    expect(await metric('circuit_breaker_failures_total', one)).toBe(5);
  });

  it('never counts an answer that says no', async () => {
    const one = breaker();
    for (let n = 0; n < 20; n++) expect(await fail(one, business)).toBe(business);
    expect(one.report()).toMatchObject({ state: 'closed', failures: 0, lastError: null });
  });

  it('lets one call through after a while; its success closes, its failure opens again', async () => {
    const one = breaker({}, 0.1);
    await open(one);
    await until(() => Date.now() - Date.parse(one.report().openedAt ?? '') >= 110);
    let calls = 0;
    let answer!: (how: { works: boolean }) => void;
    const trial = () =>
      one.run(() => {
        calls++;
        return new Promise((resolve, reject) => {
          answer = ({ works }) => (works ? resolve('back') : reject(down));
        });
      });
    const first = trial();
    const others = [fail(one), fail(one)];
    await pause(0);
    expect(calls).toBe(1);
    expect(one.report().state).toBe('half_open');
    expect(await stateOf(one)).toBe(1);
    answer({ works: false });
    await expect(first).rejects.toBe(down);
    for (const other of await Promise.all(others))
      expect(other).toMatchObject({ code: 'dependency_unavailable' });
    expect(one.report().state).toBe('open');
    await pause(110);
    const second = trial();
    await pause(0);
    answer({ works: true });
    expect(await second).toBe('back');
    expect(one.report()).toMatchObject({ state: 'closed', failures: 0, openedAt: null });
    expect(await stateOf(one)).toBe(0);
  });

  it('takes a «no» of the dependency for a sign of life when it is half-open', async () => {
    const one = breaker({}, 0.05);
    await open(one);
    await pause(60);
    expect(await fail(one, business)).toBe(business);
    expect(one.isOpen).toBe(false);
  });

  it('closes as soon as the background probe is answered', async () => {
    let works = false;
    let probes = 0;
    const probe = () => (probes++, works ? Promise.resolve() : Promise.reject(down));
    const one = breaker({ probe });
    let closed = 0;
    one.onClosed(() => closed++);
    await open(one);
    await until(() => probes >= 3);
    expect(one.isOpen).toBe(true);
    works = true;
    await until(() => !one.isOpen);
    expect(await ok(one)).toBe('answer');
    expect(closed).toBe(1);
    const seen = probes;
    await pause(50);
    expect(probes).toBe(seen);
  });

  it('opens at once when tripped, tells so, and its probe closes it', async () => {
    let works = false;
    const one = breaker({ probe: () => (works ? Promise.resolve() : Promise.reject(down)) });
    let opened = 0;
    one.onOpened(() => opened++);
    one.trip(down);
    one.trip(down);
    expect(opened).toBe(1);
    expect(one.report()).toMatchObject({ state: 'open', lastError: 'ECONNREFUSED' });
    expect(await stateOf(one)).toBe(2);
    await expect(ok(one)).rejects.toMatchObject({ code: 'dependency_unavailable' });
    works = true;
    await until(() => !one.isOpen);
    expect(await ok(one)).toBe('answer');
  });

  it.each([
    ['failures', open],
    ['a trip', (one: Breaker) => Promise.resolve(one.trip(down))],
    ['both', (one: Breaker) => open(one).then(() => one.trip(down))],
  ])('is closed by a reset after %s', async (_what, make) => {
    const one = breaker();
    await make(one);
    one.reset();
    expect(one.report()).toMatchObject({ state: 'closed', failures: 0 });
    expect(await ok(one)).toBe('answer');
    expect(await stateOf(one)).toBe(0);
  });

  it('opens again after a reset when the dependency is still down', async () => {
    const one = breaker();
    let opened = 0;
    one.onOpened(() => opened++);
    one.reset(); // while closed it only forgets its failures
    expect(opened).toBe(0);
    await open(one);
    one.reset();
    await open(one);
    expect([opened, one.isOpen]).toEqual([2, true]);
  });

  it('holds the calls of the first moments of an outage until its end', async () => {
    let works = false;
    const probe = () => (works ? Promise.resolve() : Promise.reject(down));
    const one = breaker({ probe, holdMs: 5000 });
    one.trip(down);
    const held = Promise.all([ok(one), ok(one)]);
    works = true;
    expect(await held).toEqual(['answer', 'answer']);
  });

  it('holds nobody longer than that, and refuses at once afterwards', async () => {
    const one = breaker({ holdMs: 100 });
    const started = performance.now();
    one.trip(down);
    await expect(ok(one)).rejects.toMatchObject({ code: 'dependency_unavailable' });
    expect(performance.now() - started).toBeGreaterThan(90);
    const refused = () => expect(ok(one)).rejects.toMatchObject({ code: 'dependency_unavailable' });
    const later = await shortest(50, () => timed(refused));
    expect(later).toBeLessThanOrEqual(50);
  });

  it('holds a bounded number of calls; the rest is refused at once', async () => {
    const one = breaker({ holdMs: 60_000 });
    one.trip(down);
    let refused = 0;
    const all = Array.from({ length: 1100 }, () => ok(one).catch(() => refused++));
    await until(() => refused > 0);
    await pause(0);
    expect(refused).toBe(100);
    one.stop();
    await Promise.all(all);
    expect(refused).toBe(1100);
  });

  it('lets everybody go when it stops', async () => {
    const one = breaker({ holdMs: 60_000 });
    one.trip(down);
    const held = ok(one);
    one.stop();
    await expect(held).rejects.toMatchObject({ code: 'dependency_unavailable' });
  });
});
