import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  eventually,
  type Account,
  type Answer,
  type Client,
  type Json,
} from '../support/client.js';
import { behindProxy, newcomer, passed, startLimited, type Limited } from './limited.js';

const LIMIT = 30;
const REPLICAS = 3;
const SHARE = LIMIT / REPLICAS;

describe('without Redis', () => {
  let stage: Limited;
  let clients: Client[];
  const pids = () => stage.all.map(({ app }) => app.child.pid);
  beforeAll(async () => {
    const env = { ...behindProxy, MAINSTAY__REDIS__TIMEOUT_MS: '300' };
    stage = await startLimited(REPLICAS, { api: [LIMIT, 60] }, env);
    ({ clients } = stage);
  });
  afterAll(() => stage.stop());

  const requests = (client: Client, { token }: Account, times = 2 * SHARE) =>
    Promise.all(Array.from({ length: times }, () => client.get('/api/v1/users/me', token)));
  const degraded = (answers: Answer<Json>[]) => [
    ...new Set(answers.map(({ headers }) => headers.get('x-degraded'))),
  ];
  const newcomers = async (number: number): Promise<Account[]> => {
    const accounts: Account[] = [];
    for (let n = 0; n < number; n++) accounts.push(await newcomer(clients[n % 3] as Client));
    return accounts;
  };

  /** All three at once, then each by itself, from the moment on at which Redis went. */
  async function expectShares(accounts: Account[]): Promise<void> {
    for (const account of accounts) {
      const answers = await Promise.all(clients.map((client) => requests(client, account)));
      // `passed` takes 200 and 429 only: no 5xx.
      expect(answers.map((ofOne) => passed(ofOne))).toEqual([SHARE, SHARE, SHARE]);
      expect(degraded(answers.flat())).toEqual(['cache']);
      const refused = answers.flat().find(({ status }) => status === 429);
      expect(refused?.headers.get('x-ratelimit-limit')).toBe(String(SHARE));
      expect(refused?.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    }
  }

  /** One more user each time: a user's windows in memory and in Redis know nothing of each other. */
  async function expectShared(): Promise<void> {
    await eventually(async () => {
      const account = await newcomer(clients[0] as Client);
      const answers = (await Promise.all(clients.map((one) => requests(one, account)))).flat();
      expect([passed(answers), degraded(answers)]).toEqual([LIMIT, [null]]);
    }, 20_000);
  }

  it('R6 Redis killed: at most limit ÷ replicas an instance, no 5xx, and shared again when it is back', async () => {
    const accounts = await newcomers(3);
    await expectShared();
    const before = pids();
    await stage.redis.kill();
    await expectShares(accounts);
    await stage.redis.restart();
    await expectShared();
    expect(pids()).toEqual(before);
  });

  it('R6 Redis stopped (it does not answer): the same, and nobody waits long', async () => {
    const accounts = await newcomers(3);
    stage.redis.pause();
    const slowest: number[] = [];
    const account = accounts.pop() as Account;
    for (const client of clients) {
      const started = performance.now();
      const answers = await requests(client, account);
      slowest.push(performance.now() - started);
      expect(passed(answers)).toBe(SHARE);
    }
    expect(Math.max(...slowest)).toBeLessThan(2000);
    await expectShares(accounts);
    stage.redis.resume();
    await expectShared();
  });
});
