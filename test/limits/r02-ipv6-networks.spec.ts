import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from '../support/client.js';
import { from, knock, startLimited, upgrade, type Limited } from './limited.js';

describe('IPv6', () => {
  let stage: Limited;
  let client: Client;
  beforeAll(async () => {
    stage = await startLimited(1, { api: [5, 60], handshake: [5, 60] });
    client = stage.clients[0] as Client;
  });
  afterAll(() => stage.stop());

  const network = [
    '2001:db8:a:b::1',
    '2001:db8:a:b:ffff:ffff:ffff:ffff',
    '2001:0DB8:000A:000B:0:0:0:2',
    '2001:db8:a:b:1::',
    '2001:db8:a:b::203.0.113.7',
    '2001:db8:a:b:abcd::9',
  ];
  const neighbours = [
    '2001:db8:a:c::1',
    '2001:db8:a:a::1',
    '2001:db8:b:b::1',
    '::1',
    '203.0.113.7',
  ];

  it('R2 an IPv6 /64 is one client', async () => {
    const statuses: number[] = [];
    for (const address of network) statuses.push((await knock(client, from(address))).status);
    expect(statuses).toEqual([404, 404, 404, 404, 404, 429]);
    for (const address of neighbours) expect((await knock(client, from(address))).status).toBe(404);
  });

  it('R2 an IPv4 address written as IPv6 is that address', async () => {
    const statuses: number[] = [];
    const written = ['192.0.2.1', '::ffff:192.0.2.1'];
    for (let n = 0; n < 6; n++)
      statuses.push((await knock(client, from(written[n % 2] as string))).status);
    expect(statuses).toEqual([404, 404, 404, 404, 404, 429]);
    expect((await knock(client, from('::ffff:192.0.2.2'))).status).toBe(404);
  });

  it('R2 also for socket upgrades', async () => {
    const statuses: number[] = [];
    for (const address of network) statuses.push((await upgrade(client, from(address))).status);
    expect(statuses).toEqual([101, 101, 101, 101, 101, 429]);
    expect((await upgrade(client, from(neighbours[0] as string))).status).toBe(101);
  });
});
