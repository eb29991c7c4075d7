import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, type Account, type Json } from '../support/client.js';
import { deploy, type Deployment } from '../support/deployment.js';
import { exchange } from '../support/raw-socket.js';

describe('the conventions of the REST contract', () => {
  let deployment: Deployment;
  let client: Client;
  let ada: Account;

  beforeAll(async () => {
    deployment = await deploy();
    client = new Client(deployment.url);
    ada = await client.account('ada');
  });
  afterAll(() => deployment.stop());

  const raw = (contentType: string, body: string) =>
    client.call('POST', '/api/v1/posts', {
      token: ada.token,
      body,
      headers: { 'content-type': contentType },
    });

  it('answers errors as problem+json, with a page for their type', async () => {
    const answer = await client.get('/api/v1/posts/0190f3a0-0000-7000-8000-000000000000?secret=1');
    expect(answer.status).toBe(404);
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(answer.body).toEqual({
      type: '/errors/not_found',
      title: expect.any(String),
      status: 404,
      detail: expect.any(String),
      instance: '/api/v1/posts/0190f3a0-0000-7000-8000-000000000000',
      code: 'not_found',
      requestId: answer.headers.get('x-request-id'),
      traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    const page = await client.get(answer.body.type);
    expect([page.status, page.headers.get('content-type')]).toEqual([
      200,
      'text/html; charset=utf-8',
    ]);
    expect(page.text).toContain('not_found');
  });

  it('names each wrong field', async () => {
    const answer = await client.post(
      '/api/v1/posts',
      { body: '', kind: 'rumour', tags: ['ok', 'not ok'], id: 'x' },
      ada.token,
    );
    expect([answer.status, answer.body.code]).toEqual([400, 'validation_failed']);
    const paths = answer.body.errors.map((error: Json) => `${error.path} ${error.code}`);
    expect(paths.sort()).toEqual([
      'body too_small',
      'id unknown_field',
      'kind invalid_value',
      'tags.1 invalid_format',
    ]);
    const param = await client.get('/api/v1/posts/no-uuid');
    expect(param.body.errors).toEqual([
      { path: 'id', code: 'invalid_format', message: expect.any(String) },
    ]);
  });

  it.each([
    ['I1 malformed JSON', '{"body": '],
    ['I1 an empty body', ''],
    ['I1 no object', '[]'],
    ['I1 a key twice', '{"body":"a","body":"b"}'],
    ['I4 NUL in text', '{"body":"a\\u0000b"}'],
    ['I4 a lone surrogate', '{"body":"a\\ud800b"}'],
    ['I8 __proto__', '{"body":"a","__proto__":{"admin":true}}'],
    ['I8 constructor', '{"body":"a","constructor":{"prototype":{"admin":true}}}'],
    ['I10 a foreign field', '{"body":"a","likes":1000}'],
  ])('answers 400 to %s', async (_what, body) => {
    const answer = await raw('application/json', body);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ status: 400, requestId: expect.any(String) });
  });

  it('takes a JSON type without a body where none is asked for, as many clients send it', async () => {
    const headers = { 'content-type': 'application/json' };
    const { token } = await client.account('bodiless');
    for (const [method, path, status] of [
      ['POST', '/api/v1/auth/email/verification', 202],
      ['DELETE', '/api/v1/auth/sessions?except=current', 204],
      ['POST', '/api/v1/auth/logout', 204],
    ] as const)
      expect(await client.call(method, path, { token, headers, body: '' })).toMatchObject({
        status,
      });
  });

  it('I4 answers 400 to NUL and lone surrogates in passwords and tokens as well', async () => {
    const name = randomBytes(4).toString('hex');
    for (const bad of ['\0', '\ud800'])
      for (const [path, body] of [
        [
          'register',
          { username: name, email: `${name}@example.com`, password: `long ${bad} enough` },
        ],
        ['login', { identifier: ada.username, password: bad }],
        ['refresh', { refreshToken: bad }],
        ['password/reset', { token: bad, newPassword: 'long enough by far' }],
        ['email/verify', { token: bad }],
      ] as const) {
        const answer = await client.post(`/api/v1/auth/${path}`, body);
        expect([path, answer.status, answer.body.code]).toEqual([path, 400, 'validation_failed']);
      }
  });

  it('I4 answers 400 to bytes that are not UTF-8', async () => {
    const response = await fetch(`${deployment.url}/api/v1/posts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${ada.token}` },
      body: Buffer.from([0x7b, 0x22, 0x62, 0x6f, 0x64, 0x79, 0x22, 0x3a, 0x22, 0xff, 0x22, 0x7d]),
    });
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([
      400,
      'malformed_request',
    ]);
  });

  it('answers 413 to a body over 150 kB, 404 to a path that is not exactly there', async () => {
    const large = await raw('application/json', JSON.stringify({ body: 'x'.repeat(150_000) }));
    expect([large.status, large.body.code]).toEqual([413, 'payload_too_large']);
    for (const path of ['/api/v1/nothing', '/api/v1/posts/', '/healthz/']) {
      expect((await client.get(path)).status).toBe(404);
    }
  });

  it('answers problem+json to what is not even a request of ours', async () => {
    for (const path of ['/%zz', '/api/v1/users/%zz']) {
      const answer = await client.get(path);
      expect([answer.status, answer.body.code]).toEqual([400, 'malformed_request']);
      expect(answer.headers.get('x-request-id')).toBe(answer.body.requestId);
    }
    const { hostname, port } = new URL(deployment.url);
    const raw = await new Promise<string>((resolve) => {
      const socket = connect(Number(port), hostname, () => socket.write('NONSENSE\r\n\r\n'));
      let text = '';
      socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
      socket.on('close', () => resolve(text));
    });
    expect(raw).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    if (globalThis.topology === 'single') expect(raw).toContain('"code":"malformed_request"');
  });

  it('answers a request that asks for another upgrade as if it had not', async () => {
    const { hostname, port } = new URL(deployment.url);
    const status = await new Promise((resolve, reject) => {
      const headers = {
        connection: 'Upgrade, HTTP2-Settings',
        upgrade: 'h2c',
        'http2-settings': '',
      };
      request({ hostname, port, path: '/healthz', headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
    if (globalThis.topology === 'single') expect(status).toBe(200);
  });

  it.each([
    ['POST', '/api/v1/auth/login', { identifier: 'a\u0000b', password: 'x' }],
    ['GET', '/api/v1/posts?author=%00a', undefined],
    ['PUT', '/api/v1/posts/authors/%00a/follow', undefined],
    [
      'POST',
      '/api/v1/auth/register',
      { username: 'ﷺ'.repeat(30), email: 'a@example.com', password: 'long enough' },
    ],
    [
      'POST',
      '/api/v1/auth/register',
      {
        username: 'fine_name',
        email: 'a@example.com',
        password: 'long enough',
        displayName: 'a\ud800',
      },
    ],
    ['POST', '/api/v1/posts', { body: 'a', tags: ['ﷺ'] }],
    [
      'POST',
      '/api/v1/auth/password/change',
      { currentPassword: 'long enough \ud800', newPassword: 'long enough too' },
    ],
  ])('I4, I5 answers 400 to text that cannot be kept: %s %s', async (method, path, body) => {
    const answer = await client.call(method, path, { token: ada.token, body });
    expect([answer.status, answer.body.code]).toEqual([400, 'validation_failed']);
  });

  it('takes a request id that is well-formed and makes one otherwise', async () => {
    const given = await client.get('/healthz', undefined, { 'x-request-id': 'my.request-1' });
    expect(given.headers.get('x-request-id')).toBe('my.request-1');
    for (const bad of ['no spaces', 'x'.repeat(65), '<script>']) {
      const made = await client.get('/healthz', undefined, { 'x-request-id': bad });
      expect(made.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  it('continues a trace, and starts a new one for a malformed traceparent', async () => {
    const traceId = randomBytes(16).toString('hex');
    const path = '/api/v1/posts/no-uuid';
    const continued = await client.get(path, undefined, {
      traceparent: `00-${traceId}-${'1'.repeat(16)}-00`,
    });
    expect(continued.body.traceId).toBe(traceId);
    const fresh = await client.get(path, undefined, { traceparent: `00-${traceId}-zz-00` });
    expect(fresh.body.traceId).not.toBe(traceId);
  });

  it('serves the probes, and the detail of them to internal addresses', async () => {
    expect((await client.get('/healthz')).body).toEqual({
      status: 'ok',
      version: expect.any(String),
    });
    expect((await client.get('/readyz')).body).toMatchObject({ status: 'ok' });
    const detail = await client.get('/healthz/ready');
    expect(detail.body.checks.database).toMatchObject({
      status: 'up',
      latencyMs: expect.any(Number),
      lastError: null,
    });
    const metrics = await client.get('/metrics');
    expect(metrics.text).toMatch(
      /http_requests_total\{method="GET",route="\/healthz",status="200"\} \d+/,
    );
    expect(metrics.text).toContain('app_info{');
  });

  it('counts routes by their pattern, never by their path', async () => {
    const id = '0190f3a0-0000-7000-8000-00000000abcd';
    await client.get(`/api/v1/posts/${id}`);
    await client.get(`/nothing/${id}`);
    const { text } = await client.get('/metrics');
    expect(text).not.toContain(id);
    expect(text).toContain('route="unmatched"');
  });

  it('takes a POST without a body, and without a word about its length, as curl sends it', async () => {
    const bob = await client.account('bob');
    const { host } = new URL(deployment.url);
    const lines = [
      ...['POST /api/v1/auth/logout HTTP/1.1', `Host: ${host}`, 'Connection: close'],
      `Authorization: Bearer ${bob.token}`,
    ];
    const answer = await exchange(deployment.url, `${lines.join('\r\n')}\r\n\r\n`);
    expect(answer.status).toBe(204);
  });

  it('documents itself', async () => {
    expect((await client.get('/docs')).headers.get('content-type')).toContain('text/html');
    const { body } = await client.get('/docs/openapi.json');
    expect(Object.keys(body.paths)).toEqual(
      expect.arrayContaining(['/api/v1/posts/{id}', '/api/v1/auth/login']),
    );
    expect((await client.get('/docs/asyncapi.json')).body).toMatchObject({ asyncapi: '3.0.0' });
  });
});
