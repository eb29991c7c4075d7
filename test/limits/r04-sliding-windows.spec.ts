import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import type { Client } from '../support/client.js';
import { newcomer, startLimited, type Limited } from './limited.js';

const LIMIT = 7;
const WINDOW_MS = 1000;
const HAMMER_MS = 6000;
/** Hits are kept and judged in whole milliseconds, the one rounded up and the other down. */
const ROUNDED_MS = 2;

/** A script at work: between these two times, in milliseconds, it looked at the clock. */
interface Run {
  from: number;
  to: number;
  /** Requests that it judged, and those of them that it let through. */
  asked: number;
  hits: number;
}

describe('sliding windows', () => {
  let stage: Limited;
  beforeAll(async () => {
    stage = await startLimited(3, { api: [LIMIT, WINDOW_MS / 1000] });
  });
  afterAll(() => stage.stop());

  /**
   * What Redis did, in its own words: MONITOR tells of a script before that begins, and then of every command within
   * it, with the server's time in microseconds. A script looks at the clock (TIME) and then notes each hit that it
   * allows (LPUSH); the time of the look is when the hit happened, whatever the script wrote down.
   */
  async function watchRuns(url: string, key: string) {
    // Without the client's own INFO, which may be told in one packet with the OK of MONITOR: too early for ioredis.
    const redis = new Redis(url, { enableReadyCheck: false });
    await redis.ping();
    const monitor = await redis.monitor();
    const runs: Run[] = [];
    let called = { from: 0, asked: 0 };
    monitor.on('monitor', (time: string, [command = '', ...args]: string[], source: string) => {
      const at = Number(time) * 1000;
      const name = command.toUpperCase();
      const last = runs.at(-1);
      if (source !== 'lua') called = { from: at, asked: args.filter((arg) => arg === key).length };
      else if (name === 'TIME') runs.push({ ...called, to: at, hits: 0 });
      else if (name === 'LPUSH' && args[0] === key && last) last.hits++;
    });
    return {
      runs,
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
    const watch = await watchRuns(stage.redis.url, `limit:{${id}}:api`);
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

    const hits: Run[] = [];
    const refusals: { run: Run; oldest: Run | undefined }[] = [];
    for (const run of watch.runs) {
      for (let n = 0; n < run.hits; n++) hits.push(run);
      if (run.asked > run.hits) refusals.push({ run, oldest: hits.at(-LIMIT) });
    }
    expect(hits).toHaveLength(passed);
    const tooMany = hits.slice(LIMIT).filter((hit, n) => {
      const before = hits[n] as Run; // the hit that must have left the window
      return hit.to - before.from < WINDOW_MS;
    });
    expect(tooMany).toEqual([]);
    // And no less: who was refused met a full window.
    const tooFew = refusals.filter(
      ({ run, oldest }) => !oldest || run.from - oldest.to > WINDOW_MS + ROUNDED_MS,
    );
    expect(tooFew).toEqual([]);
    expect(passed).toBeGreaterThan(2 * LIMIT);
    expect(refused).toBeGreaterThan(passed);
  });
});
