import { describe, expect, it } from '@jest/globals';
import type { FastifyRequest } from 'fastify';
import type { Principal } from '../security/principal.js';
import { limitsConfig } from './limits.config.js';
import type { RoutePolicy } from './limit.js';
import { policiesOf, policiesOfCaller, windowOf } from './policies.js';

const USER = '01a1f7f8-2192-738f-963f-5c71fa5dbbc5';
const SESSION = '01a1f7f8-2192-738f-963f-5c71fa5dbbc6';
const SESSION_PART = Buffer.from(SESSION.replaceAll('-', ''), 'hex').toString('base64url');
const SECRET = 's'.repeat(43);

const callerOf = (userId: string): Principal => ({
  ...{ userId, tenantId: 'default', sessionId: SESSION, roles: ['user'] },
  ...{ issuedAt: 0, expiresAt: 0 },
});

describe('policiesOf', () => {
  const request = (method: string, route: string, body?: unknown): FastifyRequest =>
    ({
      method,
      body,
      headers: {},
      ip: '2001:db8:1:2::9',
      routeOptions: { url: route },
    }) as FastifyRequest;
  const ADDRESS = '2001:db8:1:2::/64';
  const of = (
    method: string,
    route: string,
    policy?: RoutePolicy,
    userId?: string,
    body?: unknown,
  ) =>
    policiesOf(request(method, route, body), { policy }, userId ? callerOf(userId) : undefined).map(
      ({ policy: name, tracker }) => `${name} ${tracker}`,
    );
  const POSTS = '/api/v1/posts';

  it('counts reads and writes for the user, else for the address', () => {
    expect(of('GET', POSTS, undefined, USER)).toEqual([`api ${USER}`, `hourly ${USER}`]);
    expect(of('GET', POSTS)).toEqual([`api ${ADDRESS}`, `hourlyAnonymous ${ADDRESS}`]);
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      expect(of(method, POSTS, undefined, USER)).toContain(`writes ${USER}`);
      expect(of(method, POSTS)).toContain(`writesAnonymous ${ADDRESS}`);
    }
    for (const method of ['HEAD', 'OPTIONS']) expect(of(method, POSTS)).toHaveLength(2);
  });

  it('counts an API key by the minute for itself, and by the hour for its account', () => {
    const key: Principal = { ...callerOf(USER), sessionId: 'the key', scopes: ['posts:write'] };
    const counted = policiesOf(request('POST', POSTS), {}, key);
    expect(counted.map(({ policy, tracker }) => `${policy} ${tracker}`)).toEqual([
      'api the key',
      `hourly ${USER}`,
      `writes ${USER}`,
    ]);
    expect(policiesOfCaller(key, '::1')[0]).toEqual({ policy: 'api', tracker: 'the key' });
  });

  it('counts what ends access by the minute only, for a session', () => {
    const limits = { endsAccess: true };
    const of = (caller?: Principal, policy?: RoutePolicy) =>
      policiesOf(request('DELETE', '/api/v1/auth/sessions'), { ...limits, policy }, caller).map(
        ({ policy: name }) => name,
      );
    expect(of(callerOf(USER))).toEqual(['api']);
    expect(of(callerOf(USER), 'auth')).toEqual(['auth', 'api']);
    const key: Principal = { ...callerOf(USER), sessionId: 'the key', scopes: ['posts:write'] };
    expect(of(key)).toEqual(['api', 'hourly', 'writes']);
    expect(of()).toEqual(['api', 'hourlyAnonymous', 'writesAnonymous']);
  });

  it('counts who is refused by the minute alone: an expired token is told of for longer than ten writes', () => {
    for (const method of ['GET', 'POST']) {
      const counted = policiesOf(request(method, POSTS), { isRefused: true }, undefined);
      expect(counted).toEqual([{ policy: 'api', tracker: ADDRESS }]);
    }
  });

  it('counts the refresh of a browser for its session, which is in the cookie', () => {
    const cookie = `a=b; __Host-mainstay=mr_${SESSION_PART}.${SECRET}`;
    const sent = { ...request('POST', '/api/v1/auth/refresh'), headers: { cookie } };
    const counted = policiesOf(sent, { policy: 'refresh' }, undefined);
    expect(counted[0]).toEqual({ policy: 'refresh', tracker: SESSION_PART });
  });

  it('counts refreshes by the minute alone: an office behind one address has hundreds an hour', () => {
    const names = of('POST', '/api/v1/auth/refresh', 'refresh', undefined, {
      refreshToken: `mr_${SESSION_PART}.${SECRET}`,
    });
    expect(names).toEqual([`refresh ${SESSION_PART}`, `api ${ADDRESS}`]);
  });

  it('counts attempts to log in for the address, also with a token, and not as writes', () => {
    const login = '/api/v1/auth/login';
    expect(of('POST', login, 'auth')).toEqual([
      ...[`auth ${ADDRESS}`, `api ${ADDRESS}`, `hourlyAnonymous ${ADDRESS}`],
    ]);
    expect(of('POST', login, 'auth', USER)).toEqual([
      ...[`auth ${ADDRESS}`, `api ${USER}`, `hourly ${USER}`],
    ]);
  });

  it('counts refreshes for the session, which every token of it names, else for the address', () => {
    const refresh = (refreshToken: unknown) =>
      of('POST', '/api/v1/auth/refresh', 'refresh', undefined, { refreshToken })[0];
    expect(refresh(`mr_${SESSION_PART}.${SECRET}`)).toBe(`refresh ${SESSION_PART}`);
    for (const wrong of [
      'x',
      7,
      undefined,
      `mr_${SESSION_PART}`,
      `mr_{${USER.slice(0, 20)}}.${SECRET}`,
    ])
      expect(refresh(wrong)).toBe(`refresh ${ADDRESS}`);
    expect(of('POST', '/api/v1/auth/refresh', 'refresh')[0]).toBe(`refresh ${ADDRESS}`);
  });

  it('knows searches, and puts other routes under their own policy alone', () => {
    expect(of('GET', POSTS, 'search', USER)[0]).toBe(`search ${USER}`);
    expect(of('GET', POSTS, 'search')[0]).toBe(`searchAnonymous ${ADDRESS}`);
    expect(of('GET', '/ops/flags')).toEqual([]);
    expect(of('GET', '/apis')).toEqual([]);
  });

  it('tells a caller of the same windows', () => {
    const caller = { userId: USER, sessionId: SESSION } as Principal;
    const known = policiesOfCaller(caller, '2001:db8:1:2::77').map(
      ({ policy, tracker }) => `${policy} ${tracker}`,
    );
    expect(known).toEqual(
      expect.arrayContaining([
        ...of('POST', POSTS, undefined, USER),
        ...of('POST', '/api/v1/auth/login', 'auth', USER),
        ...of('GET', POSTS, 'search', USER),
        `refresh ${SESSION_PART}`,
        `handshake ${ADDRESS}`,
      ]),
    );
    expect(new Set(known).size).toBe(known.length);
  });

  it('keeps the windows of one tracker in one slot of a cluster', () => {
    const limits = limitsConfig.schema.parse({ api: { limit: 7, windowSeconds: 2 } });
    expect(windowOf({ policy: 'api', tracker: USER }, limits)).toEqual({
      ...{ key: `{${USER}}:api`, limit: 7, windowMs: 2000 },
    });
  });
});
