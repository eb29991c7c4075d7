import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from '../support/client.js';
import { behindProxy, from, knock, limited, startLimited, upgrade } from './limited.js';
import type { Limited, Limits } from './limited.js';

const LIMIT = 4;
const limits: Limits = { api: [LIMIT, 60], handshake: [LIMIT, 60] };

describe('addresses', () => {
  let stage: Limited;
  /** Reached directly: nobody in between is trusted. */
  let direct: Client;
  let proxied: Client;
  beforeAll(async () => {
    stage = await startLimited(1, limits, {});
    direct = stage.clients[0] as Client;
    const second = await stage.instances.start({
      REDIS_URL: stage.redis.url,
      ...limited(limits),
      ...behindProxy,
    });
    stage.all.push(second);
    proxied = second.client;
  });
  afterAll(() => stage.stop());

  /** Every way to claim an address, another one each time. */
  const claims = (n: number): Record<string, string>[] => [
    { 'x-forwarded-for': `203.0.113.${n}` },
    { forwarded: `for=203.0.113.${n}` },
    { 'x-real-ip': `203.0.113.${n}` },
    { 'true-client-ip': `203.0.113.${n}`, 'cf-connecting-ip': `203.0.113.${n}` },
    { 'x-forwarded-for': `203.0.113.${n}, 127.0.0.1`, 'x-real-ip': `203.0.113.${n}` },
  ];

  it('R1 spoofed X-Forwarded-For, Forwarded, X-Real-IP from an untrusted peer change nothing', async () => {
    const statuses: number[] = [];
    for (let n = 0; n < 2; n++)
      for (const claim of claims(n)) statuses.push((await knock(direct, claim)).status);
    expect(statuses).toEqual([...Array<number>(LIMIT).fill(404), ...Array<number>(6).fill(429)]);
    const upgrades: number[] = [];
    for (const claim of claims(9)) upgrades.push((await upgrade(direct, claim)).status);
    expect(upgrades).toEqual([101, 101, 101, 101, 429]);
  });

  it('R1 X-Forwarded-For of a trusted proxy counts, and nothing else that it hands on', async () => {
    for (let n = 1; n <= 2 * LIMIT; n++)
      expect((await knock(proxied, from(`198.51.100.${n}`))).status).toBe(404);
    const one = '198.51.100.99';
    const statuses: number[] = [];
    for (let n = 0; n <= LIMIT; n++) {
      // What the client said itself stands to the left of what the proxy saw.
      const headers = { ...claims(n)[1], ...claims(n)[2], ...from(`203.0.113.${n}, ${one}`) };
      statuses.push((await knock(proxied, headers)).status);
    }
    expect(statuses).toEqual([404, 404, 404, 404, 429]);
    const upgrades: number[] = [];
    for (let n = 0; n <= LIMIT; n++)
      upgrades.push((await upgrade(proxied, from(`203.0.113.${n}, ${one}`))).status);
    expect(upgrades).toEqual([101, 101, 101, 101, 429]);
    expect((await upgrade(proxied, from('198.51.100.100'))).status).toBe(101);
  });
});
