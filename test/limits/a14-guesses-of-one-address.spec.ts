import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Account, Client } from '../support/client.js';
import { from, newcomer, startLimited, type Limited } from './limited.js';

describe('attempts of one address', () => {
  let stage: Limited;
  let clients: Client[];
  let ada: Account;
  beforeAll(async () => {
    stage = await startLimited(2);
    ({ clients } = stage);
    ada = await newcomer(clients[0] as Client);
  });
  afterAll(() => stage.stop());

  const login = (n: number, password: string, address: string) =>
    (clients[n % 2] as Client).post(
      '/api/v1/auth/login',
      { identifier: ada.username, password },
      undefined,
      from(address),
    );

  it('A14 the 6th within a minute is refused, on whichever instance, while others get in', async () => {
    const statuses: number[] = [];
    for (let n = 0; n < 5; n++) statuses.push((await login(n, 'wrong', '198.51.100.1')).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401]);
    for (const n of [0, 1]) {
      const refused = await login(n, ada.password, '198.51.100.1');
      expect([refused.status, refused.body.code]).toEqual([429, 'rate_limited']);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    }
    expect((await login(0, ada.password, '198.51.100.2')).status).toBe(200);
    expect((await login(1, ada.password, '198.51.100.3')).status).toBe(200);
  });

  it('A14 counts registrations with them', async () => {
    const client = clients[0] as Client;
    const statuses: number[] = [];
    for (let n = 0; n < 6; n++) {
      const username = `many_${Date.now()}_${n}`;
      const body = { username, email: `${username}@example.com`, password: 'long enough' };
      const address = from('198.51.100.9');
      statuses.push((await client.post('/api/v1/auth/register', body, undefined, address)).status);
    }
    expect(statuses).toEqual([201, 201, 201, 201, 201, 429]);
  });
});
