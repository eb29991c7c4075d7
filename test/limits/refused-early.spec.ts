import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { adminAccount } from '../support/admin-account.js';
import type { Account, Answer, CallOptions, Client, Json } from '../support/client.js';
import { exchange } from '../support/raw-socket.js';
import { anyAddress, behindProxy, from, knock, newcomer, startLimited } from './limited.js';
import type { Limited } from './limited.js';

const KEY = 'the internal key of these tests only';
const LIMIT = 10;
const REPLICAS = 2;

/** What is refused before a route sees it: how it is asked for, and its status. */
const early: [status: number, what: string, method: string, path: string, CallOptions?][] = [
  [400, 'a body that is no JSON', 'POST', '/api/v1/auth/login', { body: '{' }],
  [413, 'a body too large', 'POST', '/api/v1/posts', { body: `"${'x'.repeat(150_000)}"` }],
  [
    ...([415, 'a body of another type', 'POST', '/api/v1/auth/refresh'] as const),
    { body: 'x', headers: { 'content-type': 'text/plain' } },
  ],
  [
    ...([400, 'a bad idempotency key', 'POST', '/api/v1/posts'] as const),
    { body: {}, headers: { 'idempotency-key': 'é' } },
  ],
  [404, 'a path that is not there', 'GET', '/api/v1/nothing'],
  [404, 'such a path, spelt otherwise', 'GET', '/%61pi/nothing?x=%zz'],
  [405, 'another method', 'PUT', '/api/v1/auth/login'],
];

describe('requests refused before their route', () => {
  let stage: Limited;
  let client: Client;
  beforeAll(async () => {
    const env = { ...behindProxy, INTERNAL_API_KEYS: KEY };
    stage = await startLimited(REPLICAS, { api: [LIMIT, 60] }, env);
    client = stage.clients[0] as Client;
  });
  afterAll(() => stage.stop());

  type Case = (typeof early)[number];
  const send = (
    [, , method, path, options]: Case,
    headers: Record<string, string>,
    token?: string,
  ): Promise<Answer<Json>> => {
    const merged = { ...headers, ...options?.headers };
    return client.call(method, path, { ...options, headers: merged, token });
  };
  const standing = ({ status, headers }: Answer<Json>) => [
    status,
    headers.get('x-ratelimit-limit'),
    headers.get('x-ratelimit-remaining'),
  ];

  it.each(early)('answers %i to %s as long as the limit lasts, then 429', async (...one) => {
    const headers = from(anyAddress());
    for (let left = LIMIT - 1; left >= 0; left--)
      expect(standing(await send(one, headers))).toEqual([one[0], String(LIMIT), String(left)]);
    const refused = await send(one, headers);
    expect(standing(refused)).toEqual([429, String(LIMIT), '0']);
    expect(refused.body).toMatchObject({ code: 'rate_limited', status: 429 });
    expect(refused.body.detail).toContain('"api"');
    expect(refused.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    expect(refused.headers.get('x-request-id')).toBe(refused.body.requestId);
  });

  it.each(['/api/v1/nothing#%ff', '/api/v1/nothing#%?x'])(
    'end their path at a #, however it goes on: %s',
    async (target) => {
      const lines = `Host: a\r\nConnection: close\r\nX-Forwarded-For: ${anyAddress()}\r\n\r\n`;
      const { status, headers } = await exchange(client.url, `GET ${target} HTTP/1.1\r\n${lines}`);
      expect([status, headers['x-ratelimit-remaining']]).toEqual([404, String(LIMIT - 1)]);
    },
  );

  it('are counted once, together with all others of the address', async () => {
    const headers = from(anyAddress());
    const get = (path: string) => () => client.get(path, undefined, headers);
    const requests = [
      ...early.map((one) => () => send(one, headers)),
      () => knock(client, headers),
      get('/api/v1/posts?limit=0'),
      get('/api/v1/users/me'),
    ];
    expect(requests).toHaveLength(LIMIT);
    for (const [sent, request] of requests.entries())
      expect((await request()).headers.get('x-ratelimit-remaining')).toBe(`${LIMIT - 1 - sent}`);
  });

  it('count for the user of a token that is known here', async () => {
    const ada = await newcomer(client);
    const broken = early[0] as Case;
    expect((await client.get('/api/v1/users/me', ada.token)).status).toBe(200);
    for (let left = LIMIT - 2; left >= 0; left--)
      expect(standing(await send(broken, from(anyAddress()), ada.token))).toEqual([
        ...[400, String(LIMIT), String(left)],
      ]);
    expect((await send(broken, from(anyAddress()), ada.token)).status).toBe(429);
    expect((await client.get('/api/v1/users/me', ada.token)).status).toBe(429);
  });

  it('are not limited to internal callers, and who may bypass limits', async () => {
    const root: Account = await adminAccount(
      ...([client, stage.instances.database.pool, from(anyAddress())] as const),
    );
    expect((await client.get('/api/v1/users/me', root.token)).status).toBe(200);
    const inside = { ...from('10.1.2.3'), 'x-internal-key': KEY };
    for (let n = 0; n <= LIMIT; n++) {
      const one = early[n % early.length] as Case;
      expect(standing(await send(one, inside))).toEqual([one[0], null, null]);
      expect(standing(await send(one, from('10.9.9.9'), root.token))).toEqual([one[0], null, null]);
    }
    const wrong = { ...from('10.1.2.4'), 'x-internal-key': 'another' };
    expect(standing(await send(early[0] as Case, wrong))).toEqual([400, '10', '9']);
  });

  it('are not limited where nothing is', async () => {
    const headers = from(anyAddress());
    const elsewhere: Case[] = [
      [405, '', 'POST', '/healthz'],
      [405, '', 'DELETE', '/.well-known/jwks.json'],
      [404, '', 'GET', '/nothing'],
      [404, '', 'GET', '/errors/nothing'],
    ];
    for (let n = 0; n <= LIMIT; n++)
      for (const one of elsewhere)
        expect(standing(await send(one, headers))).toEqual([one[0], null, null]);
  });

  it('are counted here, up to the share of this instance, while Redis is away', async () => {
    await stage.redis.kill();
    const headers = from(anyAddress());
    const share = LIMIT / REPLICAS;
    for (let left = share - 1; left >= 0; left--) {
      const answer = await send(early[0] as Case, headers);
      expect(standing(answer)).toEqual([400, String(share), String(left)]);
      expect(answer.headers.get('x-degraded')).toBe('cache');
    }
    expect((await send(early[0] as Case, headers)).status).toBe(429);
    await stage.redis.restart();
  });
});
