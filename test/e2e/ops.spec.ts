import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SocketClient } from '../../scripts/socket-client.ts';
import { adminAccount } from '../support/admin-account.js';
import { Client, type Account } from '../support/client.js';
import { deploy, type Deployment } from '../support/deployment.js';

const KEY = 'the internal key of these tests only';
const NEXT_KEY = 'the key that comes after the first one';
const WRONG_KEY = KEY.slice(1);
const from = (address: string) => ({ 'x-forwarded-for': address });
const OUTSIDE = from('203.0.113.9');
const keyed = (key: string) => ({ 'x-internal-key': key });

describe('operations', () => {
  let deployment: Deployment;
  let client: Client;
  let ada: Account;
  let admin: string;

  beforeAll(async () => {
    deployment = await deploy({
      INTERNAL_API_KEYS: `${KEY},${NEXT_KEY}`,
      TRUSTED_PROXIES: '127.0.0.1/32', // so that a test can come from outside
      MAINSTAY__LIMITS__ENABLED: 'true',
      MAINSTAY__LIMITS__API__LIMIT: '5',
      MAINSTAY__LIMITS__HANDSHAKE__LIMIT: '2',
    });
    client = new Client(deployment.url);
    ada = await client.account('ada');
    admin = (await adminAccount(client, deployment.database.pool)).token;
  });
  afterAll(() => deployment.stop());

  const flags = async (token?: string, headers: Record<string, string> = {}) => {
    const { status, body } = await client.get('/ops/flags', token, headers);
    return status === 200 ? status : [status, body.code];
  };

  it('answer who has the permission, by an internal key or by an account', async () => {
    expect(await flags()).toEqual([401, 'unauthenticated']);
    expect(await flags(ada.token)).toEqual([403, 'forbidden']);
    expect(await flags(admin)).toBe(200);
    expect(await flags(undefined, keyed(KEY))).toBe(200);
    expect(await flags(undefined, keyed(NEXT_KEY))).toBe(200);
    expect(await flags(ada.token, keyed(NEXT_KEY))).toBe(200);
  });

  it('refuse a wrong key, and a wrong token beside a right key', async () => {
    expect(await flags(undefined, keyed(WRONG_KEY))).toEqual([401, 'invalid_internal_key']);
    expect(await flags(admin, keyed(WRONG_KEY))).toEqual([401, 'invalid_internal_key']);
    expect(await flags('nonsense', keyed(NEXT_KEY))).toEqual([401, 'invalid_token']);
  });

  it('do not exist from outside, whatever one brings', async () => {
    const all: [string | undefined, Record<string, string>][] = [
      [undefined, OUTSIDE],
      [admin, OUTSIDE],
      [admin, { ...OUTSIDE, ...keyed(NEXT_KEY) }],
      [undefined, { ...OUTSIDE, ...keyed(WRONG_KEY) }],
    ];
    for (const [token, headers] of all)
      expect(await flags(token, headers)).toEqual([404, 'not_found']);
  });

  it('show the flags', async () => {
    const { body } = await client.get('/ops/flags', admin);
    expect(body.items).toContainEqual({
      name: 'posts.feed-cache',
      description: expect.any(String),
      default: true,
      enabled: true,
      tenants: [],
      percentage: 100,
    });
  });

  it('a key opens nothing else, and stands for no user', async () => {
    const me = await client.get('/api/v1/users/me', undefined, keyed(NEXT_KEY));
    expect([me.status, me.body.code]).toEqual([401, 'unauthenticated']);
    const query = await client.get(`/ops/flags?x-internal-key=${NEXT_KEY}`);
    expect(query.status).toBe(401);
  });

  describe('limits', () => {
    const profile = (headers: Record<string, string>) =>
      client.get('/api/v1/users/ada', undefined, headers).then(({ status }) => status);
    const tries = async (headers: Record<string, string>) => {
      const statuses: number[] = [];
      for (let n = 0; n < 7; n++) statuses.push(await profile(headers));
      return statuses;
    };

    it('do not count who holds a key, and count all others', async () => {
      const limited = (status: number) => [...Array<number>(5).fill(status), 429, 429];
      expect(await tries({ ...from('10.0.0.1'), ...keyed(KEY) })).toEqual(Array(7).fill(404));
      expect(await tries(from('10.0.0.1'))).toEqual(limited(404));
      expect(await tries({ ...from('10.0.0.2'), ...keyed(WRONG_KEY) })).toEqual(limited(401));
      expect(await tries({ ...OUTSIDE, ...keyed(KEY) })).toEqual(limited(404));
    });

    it('count no handshake of who holds a key', async () => {
      const upgrade = (key: string) =>
        new Promise<number>((resolve) => {
          const { socket } = new SocketClient(deployment.url, keyed(key));
          socket.on('unexpected-response', (_request, response) =>
            resolve(response.statusCode ?? 0),
          );
          socket.on('open', () => {
            socket.close();
            resolve(101);
          });
        });
      const statuses: number[] = [];
      for (let n = 0; n < 4; n++) statuses.push(await upgrade(NEXT_KEY));
      expect(statuses).toEqual([101, 101, 101, 101]);
      expect(await upgrade(WRONG_KEY)).toBe(401);
    });
  });
});
