import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import type { Client } from '../support/client.js';
import { newcomer, startLimited, type Limited } from './limited.js';

const LIMIT = 7;
const WINDOW_MS = 1000;
const HAMMER_MS = 6000;
/** Between a script's own look at the clock and the time that MONITOR notes for it lie microseconds. */
const NOTED_WITHIN_MS = 0.5;

describe('sliding windows', () => {
  let stage: Limited;
  beforeAll(async () => {
    stage = await startLimited(3, { api: [LIMIT, WINDOW_MS / 1000] });
  });
  afterAll(() => stage.stop());

  /**
   * What Redis did, in its own words: MONITOR tells every command within a script with the server's
   * time in microseconds. A script looks at the clock (TIME) and then notes each hit that it allows
   * (LPUSH); the time of the look is when the hit happened, whatever the script wrote down.
   */
  async function watchHits(url: string, key: string) {
    // Without the client's own INFO, which may be told in one packet with the OK of MONITOR: too early for ioredis.
    const redis = new Redis(url, { enableReadyCheck: false });
    await redis.ping();
    const monitor = await redis.monitor();
    const hits: number[] = [];
    let lookedAt = 0;
    monitor.on('monitor', (time: string, [command, name]: string[], source: string) => {
      if (source !== 'lua') return;
      if (command?.toUpperCase() === 'TIME') lookedAt = Number(time) * 1000;
      if (command?.toUpperCase() === 'LPUSH' && name === key) hits.push(lookedAt);
    });
    return {
      hits,
      stop: async () => {
        await redis.ping(); // what was executed before is told before
        monitor.disconnect();
        redis.disconnect();
      },
    };
  }

  it('R4 never more than the limit in any sliding window', async () => {
    const { token, id } = await newcomer(stage.clients[0] as Client);
    // The registration was counted for its address; the user starts with empty windows.
    const watch = await watchHits(stage.redis.url, `limit:{${id}}:api`);
    const end = Date.now() + HAMMER_MS;
    let passed = 0;
    let refused = 0;
    const hammer = async (client: Client): Promise<void> => {
      while (Date.now() < end) {
        const { status } = await client.get('/api/v1/users/me', token);
        expect([200, 429]).toContain(status);
        if (status === 200) passed++;
        else refused++;
      }
    };
    await Promise.all(stage.clients.flatMap((client) => [hammer(client), hammer(client)]));
    await watch.stop();

    const { hits } = watch;
    expect(hits).toHaveLength(passed);
    const tooMany = hits.slice(LIMIT).filter((time, n) => {
      const before = hits[n] as number; // the hit that must have left the window
      return time - before < WINDOW_MS - NOTED_WITHIN_MS;
    });
    expect(tooMany).toEqual([]);
    // And no less: they were always waiting, so every window was full.
    expect(passed).toBeGreaterThanOrEqual(LIMIT * Math.floor(HAMMER_MS / WINDOW_MS) - LIMIT);
    expect(refused).toBeGreaterThan(10 * passed);
  });
});
