import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createInstances, type Instance, type Instances } from '../../support/instances.js';
import { exchange, open } from '../../support/raw-socket.js';

const IDLE = 2000;
const served = 'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n';
const half = 'POST /api/v1/auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{';

describe('H10 idle connections', () => {
  let instances: Instances;
  let instance: Instance;
  const idle: Socket[] = [];

  beforeAll(async () => {
    instances = await createInstances();
    // What was half sent is to be there still when the others have been served.
    instance = await instances.start({ MAINSTAY__HTTP__REQUEST_TIMEOUT_SECONDS: '120' });
  });
  afterAll(async () => {
    for (const socket of idle) socket.destroy();
    expect(await instance.app.stop()).toBe(0);
    await instances.clean();
  });

  it('H10 with 2,000 of them, silent, kept alive or half sent, others are still served', async () => {
    while (idle.length < IDLE) {
      const batch = await Promise.all(Array.from({ length: 100 }, () => open(instance.client.url)));
      batch.forEach((socket, i) => {
        if (i % 3 === 1) socket.write(served);
        if (i % 3 === 2) socket.write(half);
        socket.resume();
      });
      idle.push(...batch);
    }
    const durations: number[] = [];
    for (let i = 0; i < 100; i++) {
      const startedAt = performance.now();
      const { status } = await exchange(
        instance.client.url,
        'GET /api/v1/posts HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
      );
      durations.push(performance.now() - startedAt);
      expect(status).toBe(200);
    }
    expect(idle.filter((socket) => !socket.destroyed)).toHaveLength(IDLE);
    expect(durations.sort((a, b) => a - b)[50]).toBeLessThan(1000);
  });
});
