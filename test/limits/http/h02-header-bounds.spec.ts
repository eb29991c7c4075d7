import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createInstances, type Instance, type Instances } from '../../support/instances.js';
import { exchange, type RawAnswer } from '../../support/raw-socket.js';

const upgrade = [
  ...['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'],
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
];

describe('H2 bounds of headers and addresses', () => {
  let instances: Instances;
  let instance: Instance;

  beforeAll(async () => {
    instances = await createInstances();
    instance = await instances.start();
  });
  afterAll(async () => {
    expect(await instance.app.stop()).toBe(0);
    await instances.clean();
  });

  const send = (lines: string[], path = '/healthz'): Promise<RawAnswer> =>
    exchange(
      instance.client.url,
      `GET ${path} HTTP/1.1\r\n${['Host: a', ...lines].join('\r\n')}\r\n\r\n`,
    );
  const many = (count: number, first: string[] = []): string[] => [
    ...first,
    ...Array.from({ length: count - first.length - 1 }, (_, i) => `x${i}: 1`),
  ];
  const codeOf = ({ body }: RawAnswer): unknown => (JSON.parse(body) as { code: string }).code;

  it('H2 takes 16 KB of headers and answers 431 to more', async () => {
    const close = 'Connection: close';
    expect((await send([close, `X-Long: ${'x'.repeat(16_000)}`])).status).toBe(200);
    const refused = await send([close, `X-Long: ${'x'.repeat(17_000)}`]);
    expect([refused.status, codeOf(refused)]).toEqual([431, 'headers_too_large']);
    const flood = await send([close, ...Array.from({ length: 5000 }, (_, i) => `y${i}: 1`)]);
    expect([flood.status, codeOf(flood)]).toEqual([431, 'headers_too_large']);
  });

  it.each([
    [200, 200],
    [201, 431],
    [1001, 431], // Node drops what is beyond 1,000 lines, where they may hide
  ])('H2 %d lines of headers are answered %d', async (lines, status) => {
    const answer = await send(many(lines, ['Connection: close', 'X-Request-Id: mine']));
    expect(answer.status).toBe(status);
    expect(answer.headers['x-request-id']).toBe('mine');
    expect(answer.headers['connection']).toBe('close');
    if (status === 431) {
      expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
      expect(JSON.parse(answer.body)).toEqual({
        type: '/errors/headers_too_large',
        title: expect.any(String),
        status: 431,
        detail: expect.any(String),
        instance: '/healthz',
        code: 'headers_too_large',
        requestId: 'mine',
      });
    }
  });

  it('H2 holds for upgrades', async () => {
    const refused = await send(many(201, upgrade), '/ws');
    expect([refused.status, codeOf(refused)]).toEqual([431, 'headers_too_large']);
  });

  it('H2 answers 414 to an address of more than 8,192 characters', async () => {
    const address = (length: number) => `/healthz?${'a'.repeat(length - '/healthz?'.length)}`;
    const close = ['Connection: close'];
    expect((await send(close, address(8192))).status).toBe(200);
    const refused = await send(close, address(8193));
    expect([refused.status, codeOf(refused)]).toEqual([414, 'uri_too_long']);
    expect((JSON.parse(refused.body) as { instance: string }).instance).toBe('/healthz');
  });

  it('counts what it refuses', async () => {
    const { text } = await instance.client.get('/metrics');
    expect(text).toMatch(/errors_total\{code="headers_too_large"\} [1-9]/);
    expect(text).toMatch(/http_requests_total\{method="GET",route="refused",status="414"\} [1-9]/);
  });
});
