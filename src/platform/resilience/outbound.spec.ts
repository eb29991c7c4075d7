import { describe, expect, it } from '@jest/globals';
import { Lifecycle } from '../lifecycle/lifecycle.js';
import { Breakers } from './breakers.js';
import { chaosConfig } from './chaos.config.js';
import { resilienceConfig } from './resilience.config.js';

const options = { isFailure: () => true, fallback: 'none' };
const bounds = { timeoutMs: 50, concurrency: 1, queue: 1 };

describe('Outbound', () => {
  const outbound = (failures = 5, more = {}) =>
    new Breakers(
      resilienceConfig.schema.parse({ breakerFailures: failures }),
      chaosConfig.schema.parse({}),
      new Lifecycle(),
    ).outbound('peer', options, { ...bounds, ...more });
  const failing = () => {
    let calls = 0;
    return {
      call: () => {
        calls++;
        return Promise.reject(Object.assign(new Error('no'), { code: 'ECONNREFUSED' }));
      },
      calls: () => calls,
    };
  };

  it('repeats once what may be repeated, and nothing else', async () => {
    const peer = outbound();
    const [once, twice] = [failing(), failing()];
    await expect(peer.run(once.call)).rejects.toThrow('no');
    await expect(peer.run(twice.call, { repeatable: true })).rejects.toThrow('no');
    expect([once.calls(), twice.calls()]).toEqual([1, 2]);
  });

  it('gives up on a call that takes too long, and tells it', async () => {
    const peer = outbound();
    let told = false;
    const hanging = (signal: AbortSignal) =>
      new Promise<never>(() => signal.addEventListener('abort', () => (told = true)));
    await expect(peer.run(hanging, { repeatable: true })).rejects.toThrow('timed out');
    expect(told).toBe(true);
  });

  it('refuses with 503 what finds the queue full', async () => {
    const peer = outbound(5, { timeoutMs: 5000 });
    let finish: () => void = () => undefined;
    const slow = () => new Promise<void>((resolve) => (finish = resolve));
    const first = peer.run(slow);
    const second = peer.run(() => Promise.resolve());
    await expect(peer.run(() => Promise.resolve())).rejects.toMatchObject({
      code: 'overloaded',
      options: { headers: { 'retry-after': '1' } },
    });
    finish();
    await Promise.all([first, second]);
  });

  it('does not call a peer whose breaker is open', async () => {
    const peer = outbound(2);
    const down = failing();
    for (let n = 0; n < 4; n++) await expect(peer.run(down.call)).rejects.toThrow();
    expect(down.calls()).toBe(2);
  });
});
