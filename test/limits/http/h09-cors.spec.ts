import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { failedStart } from '../../support/failed-start.js';
import { createInstances, type Instance, type Instances } from '../../support/instances.js';
import { exchange } from '../../support/raw-socket.js';

const listed = 'https://app.example.com';
const preflight = { 'access-control-request-method': 'POST' };

describe('H9 CORS', () => {
  let instances: Instances;
  let instance: Instance;

  beforeAll(async () => {
    instances = await createInstances();
    instance = await instances.start({
      CORS_ORIGINS: `${listed},http://localhost:5173`,
      MAINSTAY__HTTP__MAX_URL_LENGTH: '256',
    });
  });
  afterAll(async () => {
    expect(await instance.app.stop()).toBe(0);
    expect(instance.app.logs.filter(({ level }) => level === 'error')).toEqual([]);
    await instances.clean();
  });

  const call = (method: string, path: string, headers: Record<string, string> = {}) =>
    instance.client.call(method, path, { headers });
  const corsOf = (headers: Headers): string[] =>
    [...headers.keys()].filter((name) => name.startsWith('access-control-'));

  it.each([
    'https://evil.example.com',
    'null',
    'https://app.example.com.evil.example',
    'https://app.example.com:8443',
    'http://app.example.com',
    'https://APP.example.com',
    `${listed}/`,
    `${listed}, https://evil.example.com`,
    '*',
  ])('H9 the origin %s gets no CORS header, whatever is answered', async (origin) => {
    for (const [method, path] of [
      ['GET', '/api/v1/posts'],
      ['GET', '/api/v1/users/me'],
      ['GET', '/nothing'],
      ['DELETE', '/api/v1/posts'],
      ['OPTIONS', '/api/v1/posts'],
      ['GET', `/${'a'.repeat(300)}`],
    ] as const) {
      const answer = await call(method, path, {
        origin,
        ...(method === 'OPTIONS' && preflight),
      });
      expect([method, path, ...corsOf(answer.headers)]).toEqual([method, path]);
      expect(answer.headers.get('vary')).toContain('Origin');
    }
  });

  it('H9 a listed origin is named, with credentials, also on errors and refusals', async () => {
    for (const [path, status] of [
      ['/api/v1/posts', 200],
      ['/api/v1/users/me', 401],
      ['/nothing', 404],
      [`/${'a'.repeat(300)}`, 414],
    ] as const) {
      const { headers, ...answer } = await call('GET', path, { origin: listed });
      expect([path, answer.status]).toEqual([path, status]);
      expect(headers.get('access-control-allow-origin')).toBe(listed);
      expect(headers.get('access-control-allow-credentials')).toBe('true');
      expect(headers.get('vary')).toContain('Origin');
      const exposed = headers.get('access-control-expose-headers')?.split(', ');
      expect(exposed).toEqual(expect.arrayContaining(['X-Request-Id', 'Retry-After', 'ETag']));
    }
  });

  it('H9 a preflight is answered 204 with what is allowed', async () => {
    const answer = await call('OPTIONS', '/api/v1/posts', {
      origin: listed,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,idempotency-key',
    });
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'access-control-allow-origin': listed,
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
      'access-control-max-age': '600',
      'x-request-id': expect.any(String),
    });
    const allowed = answer.headers.get('access-control-allow-headers')?.split(', ');
    expect(allowed).toEqual([
      ...['Authorization', 'Content-Type', 'Idempotency-Key', 'If-Match', 'If-None-Match'],
      ...['X-Request-Id', 'X-Tenant', 'X-CSRF-Token', 'X-Consistency-Token', 'traceparent'],
    ]);
  });

  it('H9 OPTIONS that is no preflight is answered like any method that is not there', async () => {
    for (const headers of [{}, { origin: listed }, { origin: 'null', ...preflight }]) {
      const known = await call('OPTIONS', '/api/v1/posts', headers);
      expect([known.status, known.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST']);
      const unknown = await call('OPTIONS', '/nothing', headers);
      expect([unknown.status, unknown.body.code]).toEqual([404, 'not_found']);
    }
    for (const target of ['*', 'http://a?b/c']) {
      const answer = await exchange(
        instance.client.url,
        `OPTIONS ${target} HTTP/1.1\r\nHost: a\r\nOrigin: ${listed}\r\nAccess-Control-Request-Method: GET\r\nConnection: close\r\n\r\n`,
      );
      expect([target, answer.status]).toEqual([target, 404]);
    }
  });

  it('H9 a listed origin opens no door: the guards decide as before', async () => {
    const me = await call('GET', '/api/v1/users/me', { origin: listed });
    expect([me.status, me.body.code]).toEqual([401, 'unauthenticated']);
    const post = await instance.client.post('/api/v1/posts', { body: 'a' }, undefined, {
      origin: listed,
    });
    expect(post.status).toBe(401);
  });

  it('H9 without a list there is no trace of CORS', async () => {
    const plain = await instances.start();
    const { headers } = await plain.client.get('/api/v1/posts', undefined, { origin: listed });
    expect(corsOf(headers)).toEqual([]);
    expect(headers.get('vary')).toBeNull();
    expect(await plain.app.stop()).toBe(0);
  });

  it('H9 a list that holds null, a wildcard or a path stops the start', async () => {
    const origins = ['null', '*', 'https://*.example.com', `${listed}/`];
    const reason = await failedStart({
      DATABASE_URL: instances.database.url,
      CORS_ORIGINS: origins.join(),
    });
    for (const i of origins.keys()) expect(reason).toContain(`http.corsOrigins.${i}`);
  });
});
