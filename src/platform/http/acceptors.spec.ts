import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { acceptMany } from './acceptors.js';

const onLinux = process.platform === 'linux' ? it : it.skip;

describe('acceptors', () => {
  const clients: Socket[] = [];
  afterEach(() => clients.splice(0).forEach((client) => client.destroy()));

  async function start() {
    const waiting: ServerResponse[] = [];
    const server = createServer((_request, response) => waiting.push(response));
    acceptMany(server);
    server.listen({ host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    return { server, port, waiting };
  }

  onLinux('let in all who wait within a few turns of the event loop', async () => {
    const { server, port } = await start();
    let accepted = 0;
    server.on('connection', () => accepted++);
    for (let i = 0; i < 160; i++) clients.push(connect(port, '127.0.0.1'));
    let turns = 0;
    while (accepted < clients.length && turns < 200) {
      await new Promise((resolve) => setImmediate(resolve));
      if (accepted > 0) turns++;
    }
    expect(accepted).toBe(160);
    expect(turns).toBeLessThan(80); // one a turn: 160
    clients.splice(0).forEach((client) => client.destroy());
    await new Promise((resolve) => server.close(resolve));
  });

  onLinux('share their port with nobody else', async () => {
    const [first, second] = [createServer(), createServer()];
    acceptMany(first);
    acceptMany(second);
    // A port that is free now; what is started together must not share it.
    const { server, port } = await start();
    await new Promise((resolve) => server.close(resolve));
    first.listen({ host: '127.0.0.1', port });
    second.listen({ host: '127.0.0.1', port });
    const [error] = (await once(second, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('EADDRINUSE');
    if (!first.listening) await once(first, 'listening');
    await new Promise((resolve) => first.close(resolve));
    second.emit('close');
  });

  onLinux('end with the server, which is closed when the last connection is', async () => {
    const { server, port, waiting } = await start();
    for (let i = 0; i < 40; i++) {
      const client = connect(port, '127.0.0.1').resume();
      client.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
      clients.push(client);
    }
    while (waiting.length < clients.length) await once(server, 'request');
    let closed = false;
    const closing = new Promise<void>((resolve) =>
      server.close(() => {
        closed = true;
        resolve();
      }),
    );
    const last = waiting.pop();
    const gone = Promise.race(clients.map((client) => once(client, 'close')));
    for (const response of waiting) response.end();
    await gone;
    expect(closed).toBe(false);
    last?.end();
    await closing;
    expect(server.listening).toBe(false);
    await once(connect(port, '127.0.0.1'), 'error');
  });
});
