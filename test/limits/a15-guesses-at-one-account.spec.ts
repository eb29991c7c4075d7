import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Account, Answer, Client, Json } from '../support/client.js';
import { from, startLimited, type Limited } from './limited.js';

const ADDRESSES = 50;
const FREE = 10;

describe('guesses at one account', () => {
  let stage: Limited;
  let clients: Client[];
  beforeAll(async () => {
    stage = await startLimited(2);
    ({ clients } = stage);
  });
  afterAll(() => stage.stop());

  const login = (n: number, identifier: string, password: string, address: string) =>
    (clients[n % clients.length] as Client).post(
      '/api/v1/auth/login',
      { identifier, password },
      undefined,
      from(address),
    );
  const timed = async <T>(work: Promise<T>): Promise<[T, number]> => {
    const started = performance.now();
    return [await work, performance.now() - started];
  };
  /** Every address guesses again as soon as it is answered, until told to stop. */
  const attack = (identifier: string, network: string) => {
    const answers: Answer<Json>[] = [];
    let isOn = true;
    const addresses = Array.from({ length: ADDRESSES }, async (_, n) => {
      for (let guess = 0; isOn && guess < 5; guess++)
        answers.push(await login(n + guess, identifier, `wrong ${guess}`, `${network}.${n + 1}`));
    });
    const stop = (): Promise<unknown> => {
      isOn = false;
      return Promise.all(addresses);
    };
    return { answers, stop };
  };
  const untilOver = async (answers: unknown[]) => {
    while (answers.length < 2 * FREE) await pause(20);
  };

  /** As a client should: comes again when it was told to. */
  const patiently = async (account: Account, address: string): Promise<Answer<Json>> => {
    for (let n = 0; ; n++) {
      const answer = await login(n, account.username, account.password, address);
      if (answer.status !== 429 || n === 3) return answer;
      await pause(Number(answer.headers.get('retry-after')) * 1000);
    }
  };

  it('A15 from 50 addresses are slowed, and its owner gets in: from home at once, from elsewhere within seconds', async () => {
    const home = '192.0.2.7';
    const ada: Account = await (clients[0] as Client).account('ada', from(home));
    const started = performance.now();
    const { answers, stop } = attack(ada.username, '198.51.100');
    await untilOver(answers);
    const [atHome, homeMs] = await timed(login(0, ada.username, ada.password, home));
    const [elsewhere, elsewhereMs] = await timed(patiently(ada, '203.0.113.80'));
    await stop();
    expect([atHome.status, elsewhere.status]).toEqual([200, 200]);
    expect(homeMs).toBeLessThan(2000);
    expect(elsewhereMs).toBeLessThan(25_000);

    const seconds = (performance.now() - started) / 1000;
    const judged = answers.filter(({ status }) => status === 401);
    const refused = answers.filter(({ status }) => status === 429);
    expect(judged.length + refused.length).toBe(answers.length);
    // What was free, what two instances judged at the moment that it was used up, and two a second.
    expect(judged.length).toBeLessThanOrEqual(2 * FREE + 2 * seconds + 2);
    expect(refused.length).toBeGreaterThan(0);
    for (const { headers } of refused) expect(headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
  }, 60_000);

  it('A15 lets an owner in at the first try who comes from elsewhere while known addresses guess', async () => {
    const bob: Account = await (clients[0] as Client).account('bob', from('192.0.2.8'));
    const first = Array.from({ length: 3 * FREE }, (_, n) =>
      login(n, bob.username, 'wrong', `198.51.100.${100 + n}`),
    );
    await Promise.all(first);
    const again = Array.from({ length: 3 * FREE }, (_, n) =>
      login(n, bob.username, 'wrong', `198.51.100.${100 + n}`),
    );
    const [owner, ms] = await timed(login(0, bob.username, bob.password, '203.0.113.81'));
    expect(owner.status).toBe(200);
    expect(ms).toBeLessThan(8000);
    await Promise.all(again);
  }, 60_000);

  it('A15 does not say whether there is such an account', async () => {
    const { answers, stop } = attack('nobody_of_that_name', '203.0.113');
    await untilOver(answers);
    const [answer, ms] = await timed(login(0, 'nobody_of_that_name', 'wrong', '192.0.2.200'));
    await stop();
    expect(answer.status).toBe(401);
    expect(ms).toBeLessThan(10_000);
    expect(answers.some(({ status }) => status === 429)).toBe(true);
  }, 60_000);

  it('A15 leaves other accounts alone', async () => {
    const eve = await (clients[0] as Client).account('eve', from('192.0.2.30'));
    for (let n = 0; n < FREE - 1; n++)
      expect((await login(n, eve.username, 'wrong', `192.0.2.${40 + n}`)).status).toBe(401);
    expect((await login(0, eve.username, eve.password, '192.0.2.99')).status).toBe(200);
  });
});
