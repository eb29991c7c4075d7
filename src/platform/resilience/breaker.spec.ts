import { describe, expect, it } from '@jest/globals';
import { Breaker } from './breaker.js';
import { resilienceConfig } from './resilience.config.js';

describe('Breaker', () => {
  it('that was tripped is open until the probe is answered, then closed', async () => {
    let back = false;
    const breaker = new Breaker(
      'tripped',
      resilienceConfig.schema.parse({ breakerProbeSeconds: 0.05 }),
      {
        isFailure: () => true,
        fallback: 'none',
        probe: () => (back ? Promise.resolve() : Promise.reject(new Error('still gone'))),
      },
    );
    breaker.trip(new Error('gone'));
    expect(breaker.report()).toMatchObject({ state: 'open', openedAt: expect.any(String) });
    await expect(breaker.run(() => Promise.resolve())).rejects.toMatchObject({
      code: 'dependency_unavailable',
    });
    const closed = new Promise<void>((resolve) => breaker.onClosed(resolve));
    back = true;
    await closed;
    expect(await breaker.run(() => Promise.resolve('served'))).toBe('served');
    expect(breaker.report()).toMatchObject({ state: 'closed', openedAt: null });
  });
});
