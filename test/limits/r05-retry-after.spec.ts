import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Account, Answer, Client, Json } from '../support/client.js';
import { anyAddress, from, newcomer, startLimited, upgrade, type Limited } from './limited.js';

/**
 * Small enough to be reached, nested so that each policy is the tightest at some time, and so long that a machine that
 * stands still for a moment does not let a window pass.
 */
const limits = {
  auth: [3, 5],
  refresh: [3, 5],
  api: [8, 5],
  hourly: [12, 12],
  hourlyAnonymous: [12, 12],
  writes: [3, 7],
  writesAnonymous: [2, 5],
  handshake: [3, 5],
} satisfies Record<string, [number, number]>;
type Policy = keyof typeof limits;

describe('429', () => {
  let stage: Limited;
  let client: Client;
  beforeAll(async () => {
    stage = await startLimited(1, limits);
    client = stage.clients[0] as Client;
  });
  afterAll(() => stage.stop());

  type Try = () => Promise<Answer<Json>>;
  const asUser = async (request: (account: Account) => Promise<Answer<Json>>): Promise<Try> => {
    const account = await newcomer(client);
    return () => request(account);
  };
  const anonymously = (
    request: (headers: Record<string, string>) => Promise<Answer<Json>>,
  ): Try => {
    const headers = from(anyAddress());
    return () => request(headers);
  };
  const me = ({ token }: Account) => client.get('/api/v1/users/me', token);
  const stranger = (headers: Record<string, string>) =>
    client.get('/api/v1/users/nobody', undefined, headers);

  const ways: Record<Exclude<Policy, 'handshake'>, () => Try | Promise<Try>> = {
    auth: () =>
      anonymously((headers) =>
        client.post('/api/v1/auth/login', { identifier: 'x', password: 'y' }, undefined, headers),
      ),
    refresh: () =>
      asUser(({ refreshToken }) =>
        // Each from another address: the session is what counts.
        client.post('/api/v1/auth/refresh', { refreshToken }, undefined, from(anyAddress())),
      ),
    api: () => asUser(me),
    hourly: () => asUser(me),
    hourlyAnonymous: () => anonymously(stranger),
    writes: () => asUser(({ token }) => client.post('/api/v1/posts', { body: 'A post.' }, token)),
    writesAnonymous: () =>
      anonymously((headers) => client.post('/api/v1/posts', { body: 'x' }, undefined, headers)),
  };

  const policyOf = ({ body }: Answer<Json>): string =>
    /The limit "(\w+)"/.exec(String(body.detail))?.[1] ?? 'none';
  const number = (answer: Answer<Json>, name: string): number => {
    const text = answer.headers.get(name);
    expect(text).toMatch(/^\d+$/);
    return Number(text);
  };

  it.each(Object.entries(ways))(
    'R5 429 of %s has Retry-After, and waiting that long succeeds',
    async (policy, way) => {
      const attempt = await way();
      const [limit, windowSeconds] = limits[policy as Policy];
      let before = await attempt();
      for (let tries = 0; tries < 50; tries++) {
        const answer = await attempt();
        if (answer.status !== 429) {
          expect(answer.status).toBe(before.status);
          before = answer;
          continue;
        }
        const waitSeconds = number(answer, 'retry-after');
        const other = policyOf(answer);
        expect(waitSeconds).toBeGreaterThanOrEqual(1);
        expect(waitSeconds).toBeLessThanOrEqual(limits[other as Policy][1]);
        if (other !== policy) {
          await pause(waitSeconds * 1000); // a shorter window was full first
          continue;
        }
        expect(answer.body).toMatchObject({ status: 429, code: 'rate_limited' });
        expect(answer.body.detail).toMatch(/back off exponentially with jitter/);
        expect(number(answer, 'x-ratelimit-limit')).toBe(limit);
        expect(number(answer, 'x-ratelimit-remaining')).toBe(0);
        const reset = number(answer, 'x-ratelimit-reset') - Date.now() / 1000;
        expect(reset).toBeGreaterThan(-1);
        expect(reset).toBeLessThanOrEqual(windowSeconds + 1);
        // Trying meanwhile does not make it longer.
        expect((await attempt()).status).toBe(429);
        await pause(waitSeconds * 1000);
        expect((await attempt()).status).toBe(before.status);
        return;
      }
      throw new Error(`${policy} never refused anything`);
    },
  );

  it('R5 429 of handshake has Retry-After, and waiting that long succeeds', async () => {
    const headers = from(anyAddress());
    const tries = [];
    for (let n = 0; n < 4; n++) tries.push(await upgrade(client, headers));
    expect(tries.map(({ status }) => status)).toEqual([101, 101, 101, 429]);
    const waitSeconds = Number(tries.at(-1)?.retryAfter);
    expect(waitSeconds).toBeGreaterThanOrEqual(1);
    expect(waitSeconds).toBeLessThanOrEqual(limits.handshake[1]);
    await pause(waitSeconds * 1000);
    expect((await upgrade(client, headers)).status).toBe(101);
  });

  it('R5 the headers are those of the tightest limit', async () => {
    const account = await newcomer(client);
    const first = await me(account);
    expect([number(first, 'x-ratelimit-limit'), number(first, 'x-ratelimit-remaining')]).toEqual([
      8, 7,
    ]);
    const write = await client.post('/api/v1/posts', { body: 'A post.' }, account.token);
    expect([number(write, 'x-ratelimit-limit'), number(write, 'x-ratelimit-remaining')]).toEqual([
      3, 2,
    ]);
    const reset = number(write, 'x-ratelimit-reset') * 1000;
    const now = Date.now();
    expect(reset).toBeGreaterThan(now);
    expect(reset).toBeLessThanOrEqual(now + limits.writes[1] * 1000 + 1000);
    const read = await me(account);
    expect([number(read, 'x-ratelimit-limit'), number(read, 'x-ratelimit-remaining')]).toEqual([
      8, 5,
    ]);
  });
});
