import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, type Account, type Client } from '../support/client.js';
import { anyAddress, from, startLimited, type Limited } from './limited.js';

const FREE = 4;
const NEW = 'a new one nobody guesses';

describe('guesses at a password with a stolen session', () => {
  let stage: Limited;
  let client: Client;
  beforeAll(async () => {
    stage = await startLimited(1, { account: [FREE, 900], api: [1000, 60] });
    client = stage.clients[0] as Client;
  });
  afterAll(() => stage.stop());

  const change = (ada: Account, currentPassword: string, address: string, signal?: AbortSignal) =>
    client.call('POST', '/api/v1/auth/password/change', {
      ...{ token: ada.token, body: { currentPassword, newPassword: NEW } },
      ...{ headers: from(address), ...(signal && { signal }) },
    });
  const changeEmail = (ada: Account, currentPassword: string, address: string) =>
    client.call('POST', '/api/v1/auth/email/change', {
      ...{ token: ada.token, body: { currentPassword, newEmail: `new-${ada.email}` } },
      headers: from(address),
    });

  it('are slowed like logins, told of once a minute, and keep nobody out at home', async () => {
    const home = anyAddress();
    const ada = await client.account('ada', from(home));
    for (let n = 0; n < FREE / 2; n++) {
      expect((await change(ada, `wrong ${n}`, anyAddress())).status).toBe(403);
      expect((await changeEmail(ada, `wrong ${n}`, anyAddress())).status).toBe(403);
    }
    const end = new AbortController();
    const statuses: number[] = [];
    const guesses = Array.from({ length: 40 }, async (_, n) =>
      statuses.push((await change(ada, `guess ${n}`, anyAddress(), end.signal)).status),
    );
    const all = Promise.allSettled(guesses);
    await eventually(() => {
      expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(5);
      return Promise.resolve();
    });
    expect(statuses.filter((status) => status === 403).length).toBeLessThan(10);
    expect((await change(ada, ada.password, home)).status).toBe(204);
    end.abort();
    await all;
    await eventually(async () => {
      const { rows } = await stage.instances.database.pool.query(
        `SELECT event, result FROM auth.audit_log
         WHERE subject_id = $1 AND detail->>'reason' = 'rate_limited'`,
        [ada.id],
      );
      expect(rows).toEqual([{ event: 'password.changed', result: 'failure' }]);
    });
  });

  it('at a login are told of once a minute as well, with the account where there is one', async () => {
    const bob = await client.account('bob', from(anyAddress()));
    const attack = async (identifier: string) => {
      const end = new AbortController();
      const guess = () =>
        client.call('POST', '/api/v1/auth/login', {
          ...{ body: { identifier, password: 'wrong' }, headers: from(anyAddress()) },
          signal: end.signal,
        });
      for (let n = 0; n < FREE; n++) expect((await guess()).status).toBe(401);
      let refused = 0;
      const all = Promise.allSettled(
        Array.from({ length: 40 }, async () => {
          if ((await guess()).status === 429) refused++;
        }),
      );
      await eventually(() => {
        expect(refused).toBeGreaterThan(5);
        return Promise.resolve();
      });
      end.abort();
      await all;
    };
    await attack(bob.username);
    await attack('nobody_of_that_name');
    await eventually(async () => {
      const { rows } = await stage.instances.database.pool.query(
        `SELECT subject_id AS id, result FROM auth.audit_log
         WHERE event = 'login' AND detail->>'reason' = 'rate_limited' ORDER BY id`,
      );
      expect(rows).toEqual([
        { id: bob.id, result: 'failure' },
        { id: null, result: 'failure' },
      ]);
    });
  });
});
