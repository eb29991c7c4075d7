import { describe, expect, it } from '@jest/globals';
import { chaosConfig } from './chaos.config.js';
import { chaosOf } from './chaos.js';

describe('chaos', () => {
  const config = (faults: object) => chaosConfig.schema.parse({ enabled: true, ...faults });
  const well = () => Promise.resolve('well');

  it('is nothing at all where it is off, or where a dependency has no faults', () => {
    const redis = { errorShare: 1 };
    expect(chaosOf(chaosConfig.schema.parse({ redis }), 'redis')).toBeUndefined();
    expect(chaosOf(config({ redis }), 'database')).toBeUndefined();
  });

  it('makes calls fail like a lost connection', async () => {
    const chaos = chaosOf(config({ redis: { errorShare: 1 } }), 'redis');
    await expect(chaos?.(well)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('takes the faults of a kind for each of its members', async () => {
    const chaos = chaosOf(config({ replica: { errorShare: 1 } }), 'replica_2');
    await expect(chaos?.(well)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('drops connections, and delays', async () => {
    let dropped = 0;
    const drop = chaosOf(config({ redis: { dropShare: 1 } }), 'redis', () => dropped++);
    await expect(drop?.(well)).rejects.toThrow('chaos');
    expect(dropped).toBe(1);
    const late = chaosOf(config({ smtp: { latencyMs: 30 } }), 'smtp');
    const started = performance.now();
    expect(await late?.(well)).toBe('well');
    expect(performance.now() - started).toBeGreaterThan(25);
  });

  it('is refused in production', () => {
    expect(chaosConfig.production(config({}))).toEqual({
      enabled: expect.stringContaining('staging'),
    });
  });
});
