import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createInstances, type Instance, type Instances } from '../../support/instances.js';
import { exchange } from '../../support/raw-socket.js';

const upgrade =
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';

describe('H4 Host and TRACE', () => {
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

  it.each([
    ['two', 'GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n'],
    ['two that are the same', 'GET /healthz HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n'],
    ['two with others between', 'GET / HTTP/1.1\r\nHOST: a\r\nX-A: b\r\nHost: a\r\n\r\n'],
    ['two in HTTP/1.0', 'GET /healthz HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n'],
    ['none', 'GET /healthz HTTP/1.1\r\nX-A: b\r\n\r\n'],
    ['two of an upgrade', `GET /ws HTTP/1.1\r\nHost: a\r\nHost: b\r\n${upgrade}\r\n`],
    ['none of an upgrade', `GET /ws HTTP/1.1\r\n${upgrade}\r\n`],
  ])('H4 %s: 400 and closed', async (_what, request) => {
    const answer = await exchange(instance.client.url, request, 5000);
    expect([answer.status, answer.headers['connection']]).toEqual([400, 'close']);
    const problem = JSON.parse(answer.body) as Record<string, unknown>;
    expect(problem).toMatchObject({ code: 'malformed_request', status: 400 });
    expect(answer.headers['x-request-id']).toBe(problem['requestId']);
  });

  it('H4 one Host is enough, and HTTP/1.0 needs none', async () => {
    const one = 'GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
    expect((await exchange(instance.client.url, one)).status).toBe(200);
    expect((await exchange(instance.client.url, 'GET /healthz HTTP/1.0\r\n\r\n')).status).toBe(200);
  });

  it.each(['/healthz', '/api/v1/posts', '/docs'])('H4 TRACE %s: 405 + Allow', async (path) => {
    const secret = 'Cookie: session=secret';
    const request = `TRACE ${path} HTTP/1.1\r\nHost: a\r\n${secret}\r\nConnection: close\r\n\r\n`;
    const answer = await exchange(instance.client.url, request);
    expect(answer.status).toBe(405);
    expect(answer.headers['allow']).toContain('GET');
    expect(answer.body).not.toContain('secret');
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'method_not_allowed' });
  });
});
