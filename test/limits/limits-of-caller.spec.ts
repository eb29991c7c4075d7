import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { adminAccount } from '../support/admin-account.js';
import type { Account, Client, Json } from '../support/client.js';
import { anyAddress, behindProxy, from, knock, newcomer, startLimited } from './limited.js';
import type { Limited } from './limited.js';

const KEY = 'the internal key of these tests only';

describe('GET /api/v1/users/me/limits', () => {
  let stage: Limited;
  let client: Client;
  let ada: Account;
  const address = from(anyAddress());
  beforeAll(async () => {
    const env = { ...behindProxy, INTERNAL_API_KEYS: KEY };
    stage = await startLimited(2, { auth: [6, 60], api: [20, 60], writes: [15, 3600] }, env);
    client = stage.clients[0] as Client;
    ada = await client.account('ada', address);
  });
  afterAll(() => stage.stop());

  const limitsOf = async (token: string, headers: Record<string, string> = address, n = 0) => {
    const answer = await (stage.clients[n] as Client).get(
      '/api/v1/users/me/limits',
      token,
      headers,
    );
    expect(answer.status).toBe(200);
    const of = (policy: string): Json =>
      answer.body.items.find((item: Json) => item.policy === policy);
    return { answer, exempt: answer.body.exempt as boolean, of };
  };

  it('tells of every limit, and agrees with the headers on every instance', async () => {
    for (let n = 0; n < 4; n++) {
      const { answer, exempt, of } = await limitsOf(ada.token, address, n % 2);
      expect(exempt).toBe(false);
      const remaining = Number(answer.headers.get('x-ratelimit-remaining'));
      expect(of('api')).toMatchObject({ limit: 20, windowSeconds: 60 });
      expect(of('hourly')).toMatchObject({ limit: 1000, windowSeconds: 3600, remaining: 999 - n });
      // Of all that the request was counted in, the tightest is `api`.
      expect([of('api').remaining, remaining]).toEqual([19 - n, 19 - n]);
      expect(answer.headers.get('x-ratelimit-limit')).toBe('20');
      const reset = Number(answer.headers.get('x-ratelimit-reset')) * 1000;
      expect(Math.abs(Date.parse(of('api').resetAt) - reset)).toBeLessThanOrEqual(1100);
      expect(of('writes')).toEqual({
        ...{ policy: 'writes', limit: 15, windowSeconds: 3600, remaining: 15, resetAt: null },
      });
      expect(of('auth')).toMatchObject({ limit: 6, remaining: 5 }); // the registration
      expect(of('socket')).toMatchObject({ limit: 50, windowSeconds: 1, remaining: null });
      expect(Object.keys(of('search'))).toContain('remaining');
    }
    const { refreshToken } = ada;
    const refreshed = await client.post(
      '/api/v1/auth/refresh',
      { refreshToken },
      undefined,
      address,
    );
    expect(refreshed.status).toBe(200);
    const write = await client.post('/api/v1/posts', { body: 'A post.' }, ada.token);
    const { of } = await limitsOf(ada.token, address, 1);
    expect(of('writes').remaining).toBe(Number(write.headers.get('x-ratelimit-remaining')));
    expect(of('refresh')).toMatchObject({ limit: 60, remaining: 59 });
    expect(of('refresh').resetAt).not.toBeNull();
    expect(of('auth').remaining).toBe(5); // a refresh is no login
  });

  it('says exempt to who has limits:bypass, and to internal callers, and counts nothing of theirs', async () => {
    const root = await adminAccount(client, stage.instances.database.pool, from(anyAddress()));
    const inside = { ...from('10.1.2.3'), 'x-internal-key': KEY };
    const bob = await newcomer(client);
    for (const [token, headers] of [
      [root.token, from(anyAddress())],
      [bob.token, inside],
    ] as const) {
      for (let n = 0; n < 25; n++) {
        const { answer, exempt, of } = await limitsOf(token, headers, n % 2);
        expect([exempt, answer.headers.get('x-ratelimit-limit')]).toEqual([true, null]);
        expect(of('api')).toMatchObject({ remaining: 20, resetAt: null });
      }
    }
    expect((await limitsOf(bob.token)).exempt).toBe(false);
  });

  it('counts a request under its route, however its path is spelt', async () => {
    const spelt = (path: string, headers: Record<string, string>) =>
      new Promise<[number | undefined, unknown]>((resolve, reject) => {
        const { hostname, port } = new URL(client.url);
        const sent = request({ hostname, port, path, headers }, (answer) => {
          answer.resume();
          resolve([answer.statusCode, answer.headers['x-ratelimit-remaining']]);
        });
        sent.on('error', reject).end();
      });
    const headers = from(anyAddress());
    const paths = ['/api/v1/users/nobody', '/%61pi/v1/users/nobody', '/ap%69/v1/users/nobody?x=/'];
    paths.push(`${client.url}/api/v1/users/nobody`);
    for (const [n, path] of paths.entries())
      expect([path, ...(await spelt(path, headers))]).toEqual([path, 404, String(19 - n)]);
  });

  it('tells of the share that this instance has while Redis is away', async () => {
    const carol = await newcomer(client);
    expect((await limitsOf(carol.token)).of('api')).toMatchObject({ limit: 20, remaining: 19 });
    await stage.redis.kill();
    const { answer, of } = await limitsOf(carol.token);
    expect(answer.headers.get('x-degraded')).toBe('cache');
    expect(of('api')).toMatchObject({ limit: 10, remaining: 9 });
    expect(answer.headers.get('x-ratelimit-limit')).toBe('10');
    expect((await knock(client, from(anyAddress()))).headers.get('x-degraded')).toBe('cache');
    await stage.redis.restart();
  });
});
