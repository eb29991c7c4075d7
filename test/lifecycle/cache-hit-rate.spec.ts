import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Account, Client } from '../support/client.js';
import { createInstances, type Instances } from '../support/instances.js';
import { Load } from '../support/load.js';

const LOOK_UPS = /^cache_requests_total\{cache="\w+",level="(\w+)",result="(\w+)"\} (\d+)$/;

describe('caches under a mixed load', () => {
  let instances: Instances;
  beforeAll(async () => {
    instances = await createInstances();
  });
  afterAll(() => instances.clean());

  /** Look-ups, and those that either level answered; what memory has not, Redis is asked for. */
  async function lookUps(client: Client) {
    const { text } = await client.get<string>('/metrics');
    let [asked, answered] = [0, 0];
    for (const line of text.split('\n')) {
      const [, level, result, times] = LOOK_UPS.exec(line) ?? [];
      if (times === undefined) continue;
      if (level === 'memory') asked += Number(times);
      if (result === 'hit' || result === 'stale') answered += Number(times);
    }
    return { asked, answered };
  }

  it('answer more than 70 % of the look-ups once they are warm', async () => {
    const { app, client } = await instances.start({
      REDIS_URL: process.env['TEST_REDIS_URL'] ?? '',
      MAINSTAY__REDIS__TIMEOUT_MS: '1000',
    });
    const before = async (authors: Account[]) => {
      for (const author of authors)
        for (const other of authors) if (other !== author) await client.follow(author, other);
    };
    await Load.during(
      client.url,
      async (load) => {
        await load.goesOnAfter(Date.now() + 2000);
        const cold = await lookUps(client);
        await pause(6000);
        const warm = await lookUps(client);
        const asked = warm.asked - cold.asked;
        expect(asked).toBeGreaterThan(1000);
        expect((warm.answered - cold.answered) / asked).toBeGreaterThan(0.7);
      },
      { before },
    );
    expect(await app.stop()).toBe(0);
  });
});
