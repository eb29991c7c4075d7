import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SocketClient } from '../../scripts/socket-client.ts';
import { eventually, type Account, type Client } from '../support/client.js';
import { anyAddress, from, newcomer, startLimited, upgrade, type Limited } from './limited.js';

const UPGRADES = 9;

describe('sockets', () => {
  let stage: Limited;
  let client: Client;
  let ada: Account;
  beforeAll(async () => {
    stage = await startLimited(3, { handshake: [UPGRADES, 60] });
    client = stage.clients[0] as Client;
    ada = await newcomer(client);
  });
  afterAll(() => stage.stop());

  const open = async (): Promise<SocketClient> => {
    const headers = { ...from(anyAddress()), authorization: `Bearer ${ada.token}` };
    const socket = new SocketClient(client.url, headers);
    await socket.frame('ready');
    return socket;
  };
  const ids = (socket: SocketClient, op: string) =>
    socket.frames.filter((frame) => frame.op === op).map((frame) => frame['id']);

  it('R8 the 51st message in a second → error frame, and the message is dropped', async () => {
    const socket = await open();
    const sentAt = performance.now();
    for (let id = 1; id <= 53; id++) socket.send({ op: 'ping', id });
    const error = await socket.frame('error');
    expect(error).toMatchObject({ code: 'rate_limited', retryAfterMs: expect.any(Number) });
    const retryAfterMs = Number(error['retryAfterMs']);
    expect(retryAfterMs).toBeGreaterThan(0);
    expect(retryAfterMs).toBeLessThanOrEqual(1000);
    // Refusals overtake the answers to what was taken.
    await eventually(() => {
      expect(ids(socket, 'pong')).toEqual(Array.from({ length: 50 }, (_unused, n) => n + 1));
      return Promise.resolve();
    });
    expect(socket.frames.filter(({ op }) => op === 'error')).toHaveLength(2);
    // Who waits for as long as it says is heard again.
    await new Promise((resolve) => setTimeout(resolve, retryAfterMs));
    socket.send({ op: 'ping', id: 'after' });
    await eventually(() => {
      expect(ids(socket, 'pong')).toContain('after');
      return Promise.resolve();
    });
    expect(performance.now() - sentAt).toBeGreaterThanOrEqual(1000 - 50);
    socket.close();
  });

  it('R8 another connection of the same user has a limit of its own', async () => {
    const [one, other] = [await open(), await open()];
    for (let id = 1; id <= 50; id++)
      for (const socket of [one, other]) socket.send({ op: 'ping', id });
    for (const socket of [one, other]) {
      await eventually(() => {
        expect(ids(socket, 'pong')).toHaveLength(50);
        return Promise.resolve();
      });
      expect(ids(socket, 'error')).toEqual([]);
      socket.close();
    }
  });

  it('R8 5 s over the limit on end → close 1008', async () => {
    const socket = await open();
    const began = performance.now();
    const flood = setInterval(() => {
      for (let n = 0; n < 10; n++) socket.send({ op: 'ping' });
    }, 50); // 200 a second
    const { code } = await socket.closed.finally(() => clearInterval(flood));
    const lasted = performance.now() - began;
    expect(code).toBe(1008);
    expect(lasted).toBeGreaterThan(5000);
  });

  it('R8 socket upgrades of an address are counted over all instances', async () => {
    for (let round = 0; round < 3; round++) {
      const headers = from(anyAddress());
      const answers = await Promise.all(
        Array.from({ length: 15 }, (_unused, n) =>
          upgrade(stage.clients[n % 3] as Client, headers),
        ),
      );
      expect(answers.filter(({ status }) => status === 101)).toHaveLength(UPGRADES);
      const refused = answers.filter(({ status }) => status === 429);
      expect(refused).toHaveLength(15 - UPGRADES);
      for (const { retryAfter } of refused) expect(Number(retryAfter)).toBeGreaterThan(50);
    }
  });
});
