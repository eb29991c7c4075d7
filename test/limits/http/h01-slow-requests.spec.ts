import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SocketClient } from '../../../scripts/socket-client.ts';
import { Control } from '../../support/control.js';
import { createInstances, type Instance, type Instances } from '../../support/instances.js';
import { exchange, open, parse, readToEnd } from '../../support/raw-socket.js';

describe('H1 slow clients', () => {
  let instances: Instances;
  let instance: Instance;

  beforeAll(async () => {
    instances = await createInstances();
    instance = await instances.start({ MAINSTAY__HTTP__INACTIVITY_SECONDS: '2' });
  });
  afterAll(async () => {
    expect(await instance.app.stop()).toBe(0);
    await instances.clean();
  });

  /** Sends a beginning, then a byte every half second, and measures until the server has closed. */
  async function trickle(beginning: string, drop: string) {
    const socket = await open(instance.client.url);
    const startedAt = Date.now();
    const read = readToEnd(socket);
    socket.write(beginning);
    const drip = setInterval(() => socket.writable && socket.write(drop), 500);
    try {
      const answer = parse(await read);
      return { answer, startedAt, endedAt: Date.now() };
    } finally {
      clearInterval(drip);
    }
  }

  it('H1 headers or a body that never end are answered 408 in 12 s while others are served', async () => {
    const head =
      'POST /api/v1/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n';
    const control = new Control();
    const pending = Promise.all([
      trickle('GET /healthz HTTP/1.1\r\nHost: a\r\nX-Slow: ', 'x'),
      trickle('GET /healthz HTTP/1.1\r\n', 'X-Slow: 1\r\n'),
      trickle(`${head}Content-Length: 1000\r\n\r\n{"identifier":"`, 'x'),
      trickle(`${head}Transfer-Encoding: chunked\r\n\r\n`, '1\r\nx\r\n'),
    ]);
    let slowest = 0;
    let served = 0;
    let over = false;
    void pending.finally(() => (over = true)).catch(() => undefined);
    while (!over) {
      const askedAt = performance.now();
      expect((await instance.client.get('/api/v1/posts')).status).toBe(200);
      slowest = Math.max(slowest, performance.now() - askedAt);
      served++;
    }
    await control.stop();
    for (const { answer, startedAt, endedAt } of await pending) {
      expect(answer.status).toBe(408);
      expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
      expect(JSON.parse(answer.body)).toMatchObject({ code: 'request_timeout', status: 408 });
      expect(endedAt - startedAt).toBeGreaterThan(9000);
      expect(endedAt - startedAt).toBeLessThan(12_000 + control.worst(startedAt, endedAt));
    }
    expect(served).toBeGreaterThan(20);
    expect(slowest).toBeLessThan(4000);
  });

  it('H1 a connection that never says anything is closed as well', async () => {
    const socket = await open(instance.client.url);
    await readToEnd(socket, 30_000);
  });

  it('H1 a client that does not read its answer is cut, one that reads slowly is not', async () => {
    const path = '/docs/swagger-ui-bundle.js';
    const size = (await instance.client.get(path)).text.length;
    const request = `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
    const deaf = await open(instance.client.url);
    deaf.write(request.repeat(30)); // more than the buffers on the way will hold
    deaf.pause();

    const slow = await open(instance.client.url);
    let read = 0;
    const readAll = new Promise<void>((resolve) => {
      slow.on('data', (chunk: Buffer) => {
        read += chunk.length;
        if (read >= 10 * size) resolve();
        slow.pause();
        setTimeout(() => slow.resume(), 25);
      });
    });
    slow.write(request.repeat(10));
    const startedAt = performance.now();
    await readAll;
    expect(performance.now() - startedAt).toBeGreaterThan(4000); // twice the inactivity
    slow.destroy();

    let left = 0;
    deaf.on('data', (chunk: Buffer) => (left += chunk.length));
    const cut = new Promise((resolve) => deaf.on('close', resolve));
    deaf.resume();
    await cut;
    expect(left).toBeLessThan(20 * size);
  });

  it('H1 a socket that is silent for longer than that stays open', async () => {
    const account = await instance.client.account('quiet');
    const socket = await SocketClient.open(instance.client.url, account.token);
    await new Promise((resolve) => setTimeout(resolve, 3500)); // what is tested is that time passes
    const pong = new Promise((resolve) => socket.socket.once('pong', resolve));
    socket.socket.ping();
    await pong;
    socket.close();
  });

  it('H1 what did arrive in time is answered as ever', async () => {
    const answer = await exchange(
      instance.client.url,
      'GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    );
    expect(answer.status).toBe(200);
  });
});
