import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Account, Answer, Client, Json } from '../support/client.js';
import { anyAddress, from, newcomer, passed, startLimited, type Limited } from './limited.js';

const WRITES = 20;

describe('three instances', () => {
  let stage: Limited;
  let clients: Client[];
  beforeAll(async () => {
    stage = await startLimited(3, { writes: [WRITES, 3600], refresh: [10, 60] });
    ({ clients } = stage);
  });
  afterAll(() => stage.stop());

  const parallel = (
    times: number,
    request: (client: Client, n: number) => Promise<Answer<Json>>,
  ): Promise<Answer<Json>[]> =>
    Promise.all(
      Array.from({ length: times }, (_unused, n) => request(clients[n % 3] as Client, n)),
    );
  const left = async (account: Account): Promise<Record<string, number>> => {
    const { body } = await (clients[0] as Client).get('/api/v1/users/me/limits', account.token);
    return Object.fromEntries(
      body.items.map((item: Json) => [item.policy, item.remaining] as const),
    );
  };

  it('R3 150 parallel requests over three instances, limit 100 → exactly 100 pass', async () => {
    for (let round = 0; round < 4; round++) {
      const { token } = await newcomer(clients[round % 3] as Client);
      const answers = await parallel(150, (client) => client.get('/api/v1/users/me', token));
      expect(passed(answers)).toBe(100);
      expect(answers.map(({ headers }) => headers.get('x-degraded'))).toEqual(
        Array(150).fill(null),
      );
    }
  });

  it('R3 150 parallel requests of one address without a token → exactly 100 pass', async () => {
    const address = from(anyAddress());
    const answers = await parallel(150, (client) =>
      client.get('/api/v1/posts?limit=1', undefined, address),
    );
    expect(passed(answers)).toBe(100);
  });

  it('R3 parallel writes pass exactly as often as the tightest policy says, and what it refuses counts nowhere', async () => {
    for (let round = 0; round < 3; round++) {
      const author = await newcomer(clients[0] as Client);
      const answers = await parallel(60, (client, n) =>
        client.post('/api/v1/posts', { body: `Post ${n}.` }, author.token),
      );
      expect(passed(answers, 201)).toBe(WRITES);
      // The request that asks is counted as well, in `api` and `hourly`.
      expect(await left(author)).toMatchObject({
        writes: 0,
        api: 100 - WRITES - 1,
        hourly: 1000 - WRITES - 1,
      });
    }
  });

  it('R3 parallel refreshes of one session are counted for it, and for the address by the minute alone', async () => {
    const account = await newcomer(clients[0] as Client);
    const address = from(anyAddress());
    const { refreshToken } = account;
    const refresh = (client: Client) =>
      client.post('/api/v1/auth/refresh', { refreshToken }, undefined, address);
    const answers = await parallel(25, refresh);
    expect(passed(answers)).toBe(10);
    const anonymous = await (clients[0] as Client).get('/api/v1/posts', undefined, address);
    expect(anonymous.headers.get('x-ratelimit-remaining')).toBe(String(100 - 10 - 1));
  });
});
