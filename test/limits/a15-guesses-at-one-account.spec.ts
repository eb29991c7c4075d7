import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Account, Answer, Client, Json } from '../support/client.js';
import { anyAddress, behindProxy, from, startLimited, type Limited } from './limited.js';

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

  const login = (
    n: number,
    identifier: string,
    password: string,
    address: string,
    signal?: AbortSignal,
  ) =>
    (clients[n % clients.length] as Client).call('POST', '/api/v1/auth/login', {
      body: { identifier, password },
      headers: from(address),
      ...(signal && { signal }),
    });
  const timed = async <T>(work: Promise<T>): Promise<[T, number]> => {
    const started = performance.now();
    return [await work, performance.now() - started];
  };
  /** Every address guesses again as soon as it is answered, until told to stop: then it hangs up. */
  const attack = (identifier: string, network: string) => {
    const answers: Answer<Json>[] = [];
    const end = new AbortController();
    const { signal } = end;
    const guesses = async (n: number) => {
      for (let guess = 0; guess < 5; guess++) {
        const address = `${network}.${n + 1}`;
        answers.push(await login(n + guess, identifier, `wrong ${guess}`, address, signal));
      }
    };
    const addresses = Array.from({ length: ADDRESSES }, (_, n) => guesses(n));
    const all = Promise.allSettled(addresses);
    const stop = (): Promise<unknown> => {
      end.abort();
      return all;
    };
    return { answers, stop };
  };
  const untilOver = async (answers: unknown[]) => {
    while (answers.length < 2 * FREE) await pause(20);
  };

  /** As a client should: comes again when it was told to. */
  const patiently = async (
    { username, password }: Pick<Account, 'username' | 'password'>,
    address: string,
  ): Promise<Answer<Json>> => {
    for (let n = 0; ; n++) {
      const answer = await login(n, username, password, address);
      if (answer.status !== 429 || n === 3) return answer;
      await pause(Number(answer.headers.get('retry-after')) * 1000);
    }
  };

  it('A15 from 50 addresses are slowed, and its owner gets in: from home at once, from elsewhere within seconds', async () => {
    const home = '192.0.2.7';
    const ada: Account = await (clients[0] as Client).account('ada', from(home));
    const started = performance.now();
    const { answers, stop } = attack(ada.username, '198.51.100');
    // At the same time: nobody is to learn from it whether there is such an account.
    const nobody = { username: 'nobody_of_that_name', password: 'wrong' };
    const other = attack(nobody.username, '203.0.113');
    await Promise.all([untilOver(answers), untilOver(other.answers)]);
    const [atHome, homeMs] = await timed(login(0, ada.username, ada.password, home));
    const [[elsewhere, elsewhereMs], unknown] = await Promise.all([
      timed(patiently(ada, '203.0.113.80')),
      patiently(nobody, '192.0.2.200'),
    ]);
    await Promise.all([stop(), other.stop()]);
    expect(unknown.status).toBe(401);
    expect(other.answers.some(({ status }) => status === 429)).toBe(true);
    expect([atHome.status, elsewhere.status]).toEqual([200, 200]);
    expect(homeMs).toBeLessThan(5000);
    expect(elsewhereMs).toBeLessThan(60_000);

    const seconds = (performance.now() - started) / 1000;
    const judged = answers.filter(({ status }) => status === 401);
    const refused = answers.filter(({ status }) => status === 429);
    expect(judged.length + refused.length).toBe(answers.length);
    // What was free, what two instances judged at the moment that it was used up, and two a second.
    expect(judged.length).toBeLessThanOrEqual(2 * FREE + 2 * seconds + 2);
    expect(refused.length).toBeGreaterThan(0);
    for (const { headers } of refused) expect(headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
  });

  it('A15 lets an owner in at the first try who comes from elsewhere while known addresses guess', async () => {
    const bob: Account = await (clients[0] as Client).account('bob', from('192.0.2.8'));
    const first = Array.from({ length: 3 * FREE }, (_, n) =>
      login(n, bob.username, 'wrong', `198.51.100.${100 + n}`),
    );
    await Promise.all(first);
    const end = new AbortController();
    const again = Array.from({ length: 3 * FREE }, (_, n) =>
      login(n, bob.username, 'wrong', `198.51.100.${100 + n}`, end.signal),
    );
    const all = Promise.allSettled(again);
    const [owner, ms] = await timed(login(0, bob.username, bob.password, '203.0.113.81'));
    expect(owner.status).toBe(200);
    expect(ms).toBeLessThan(20_000);
    end.abort();
    await all;
  });

  it('A15 lets everybody else be served while many names are guessed at', async () => {
    const small = await startLimited(
      1,
      {
        account: [3, 900],
      },
      { ...behindProxy, MAINSTAY__OVERLOAD__MAX_IN_FLIGHT: '200' },
    );
    try {
      const [client] = small.clients as [Client];
      const guess = (name: number) =>
        client.post(
          '/api/v1/auth/login',
          { identifier: `name_${name}`, password: 'wrong' },
          undefined,
          from(anyAddress()),
        );
      // A lane takes twenty: all of them together would take more than there may be in flight.
      const names = Array.from({ length: 12 }, (_, n) => n);
      for (let n = 0; n < 3; n++) await Promise.all(names.map(guess));
      const guesses: Promise<Answer<Json>>[] = [];
      for (let n = 0; n < 350; n++) {
        guesses.push(guess(n % names.length));
        await pause(10);
      }
      const other = await client.get('/api/v1/users/nobody', undefined, from(anyAddress()));
      expect(other.status).toBe(404);
      const statuses = (await Promise.all(guesses)).map(({ status }) => status);
      expect(new Set(statuses)).toEqual(new Set([401, 429]));
    } finally {
      await small.stop();
    }
  });

  it('A12 are judged as fast for every name from one address, which its own limit bounds', async () => {
    const open = await startLimited(1, {
      ...{ auth: [1000, 60], api: [1000, 60], hourlyAnonymous: [1000, 60] },
    });
    try {
      const [client] = open.clients as [Client];
      const home = from('192.0.2.50');
      const { username } = await client.account('dan', home);
      const guess = (identifier: string) =>
        client.post('/api/v1/auth/login', { identifier, password: 'wrong' }, undefined, home);
      // In a slow lane, two a second, they would take longer than the test has.
      for (const name of [username, 'nobody_of_that_name'])
        for (let n = 0; n < 100; n++) expect((await guess(name)).status).toBe(401);
    } finally {
      await open.stop();
    }
  });

  it('A15 leaves other accounts alone', async () => {
    const eve = await (clients[0] as Client).account('eve', from('192.0.2.30'));
    for (let n = 0; n < FREE - 1; n++)
      expect((await login(n, eve.username, 'wrong', `192.0.2.${40 + n}`)).status).toBe(401);
    expect((await login(0, eve.username, eve.password, '192.0.2.99')).status).toBe(200);
  });
});
