import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { SocketClient } from '../../scripts/socket-client.ts';
import { Client, eventually, type Account } from '../support/client.js';
import { exchange } from '../support/raw-socket.js';
import { deploy, type Deployment } from '../support/deployment.js';
import { Signer } from '../support/signer.js';

describe('sockets', () => {
  let deployment: Deployment;
  let client: Client;
  let ada: Account;
  let bob: Account;

  beforeAll(async () => {
    deployment = await deploy({
      MAINSTAY__REALTIME__ORIGINS: 'https://app.example.com',
      MAINSTAY__REALTIME__AUTH_TIMEOUT_MS: '5000', // every socket of this file is ready in it
      MAINSTAY__AUTH__ACCESS_TOKEN_SECONDS: '900',
    });
    client = new Client(deployment.url);
    [ada, bob] = await Promise.all([client.account('ada'), client.account('bob')]);
    await client.follow(bob, ada);
  });
  afterAll(() => deployment.stop());

  const refusedWith = (socket: SocketClient) =>
    new Promise<number | undefined>((resolve) => {
      socket.socket.on('unexpected-response', (_request, response) => resolve(response.statusCode));
      socket.socket.on('open', () => resolve(undefined));
    });

  it('says hello, and ready after the token', async () => {
    const socket = new SocketClient(deployment.url);
    expect(await socket.frame('hello')).toEqual({
      op: 'hello',
      connectionId: expect.any(String),
      heartbeatMs: 25_000,
      maxMessageBytes: 65_536,
      messagesPerSecond: 50,
    });
    socket.send({ op: 'auth', token: ada.token });
    const ready = await socket.frame('ready');
    expect(ready).toEqual({
      op: 'ready',
      userId: ada.id,
      epoch: expect.any(String),
      offset: expect.any(Number),
      expiresAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    });
    // Another token of the same user renews; one of somebody else does not.
    socket.send({ op: 'auth', token: ada.token });
    await socket.frame('ready');
    socket.send({ op: 'auth', token: bob.token });
    expect((await socket.closed).code).toBe(4403);
  });

  it('takes the token of the upgrade, and never one in the URL', async () => {
    const socket = new SocketClient(deployment.url, { authorization: `Bearer ${ada.token}` });
    expect(await socket.frame('ready')).toMatchObject({ userId: ada.id });
    socket.close();
    expect(
      await refusedWith(new SocketClient(deployment.url, { authorization: 'Bearer nonsense' })),
    ).toBe(401);
    for (const name of ['token', 'access_token', 'accessToken', 'token[]', 'apikey', 'jwt'])
      for (const token of [ada.token, 'nonsense', '']) {
        const query = `${name}=${token}`;
        const status = await refusedWith(new SocketClient(deployment.url, {}, query));
        expect([name, status]).toEqual([name, 401]);
      }
  });

  it('W1 refuses a foreign Origin before the upgrade', async () => {
    expect(
      await refusedWith(new SocketClient(deployment.url, { origin: 'https://evil.example.com' })),
    ).toBe(403);
    expect(await refusedWith(new SocketClient(deployment.url, { origin: 'null' }))).toBe(403);
    const listed = new SocketClient(deployment.url, { origin: 'https://app.example.com' });
    expect(await refusedWith(listed)).toBeUndefined();
    listed.close();
  });

  it.each([
    [401, 'invalid_token', 'GET /ws?token=x', ''],
    [401, 'invalid_token', 'GET /ws', 'Authorization: Bearer nonsense\r\n'],
    [403, 'forbidden', 'GET /ws', 'Origin: https://evil.example.com\r\n'],
    [400, 'malformed_request', 'GET /ws', 'Sec-WebSocket-Key: x\r\n'],
  ])('refuses an upgrade with %i as a problem: %s', async (status, code, target, more) => {
    const answer = await exchange(
      deployment.url,
      `${target} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${more}` +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nX-Request-Id: mine\r\n\r\n',
    );
    const { headers, body } = answer;
    expect([answer.status, headers['x-request-id']]).toEqual([status, 'mine']);
    expect(headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['www-authenticate']).toBe(status === 401 ? 'Bearer' : undefined);
    expect(JSON.parse(body)).toMatchObject({ status, code, instance: '/ws', requestId: 'mine' });
  });

  it('W2 closes with 4401 who does not authenticate in time, or not well', async () => {
    const silent = new SocketClient(deployment.url);
    const bad = new SocketClient(deployment.url);
    await bad.frame('hello');
    bad.send({ op: 'auth', token: 'nonsense' });
    expect((await bad.closed).code).toBe(4401);
    const eager = new SocketClient(deployment.url);
    await eager.frame('hello');
    eager.send({ op: 'subscribe', id: 1, topic: 'feed' });
    expect((await eager.closed).code).toBe(4401);
    expect((await silent.closed).code).toBe(4401);
  });

  it('W3 closes with 4401 when the token ends, and not before that of a renewal does', async () => {
    const signer = await new Signer().enlist(deployment.database);
    const subject = { id: ada.id, sessionId: String(decodeJwt(ada.token)['sid']) };
    const endsIn = (seconds: number) =>
      signer.sign(subject, { exp: Math.floor(Date.now() / 1000) + seconds });
    const probe = await endsIn(900);
    await eventually(async () =>
      expect((await client.get('/api/v1/users/me', probe)).status).toBe(200),
    );
    const token = await endsIn(10);
    const ends = Number(decodeJwt(token).exp) * 1000;
    const [left, renewed, upgraded] = [
      await SocketClient.open(deployment.url, token),
      await SocketClient.open(deployment.url, token),
      new SocketClient(deployment.url, { authorization: `Bearer ${token}` }),
    ];
    await upgraded.frame('ready');
    renewed.send({ op: 'auth', token: ada.token });
    await renewed.frame('ready');
    for (const socket of [left, upgraded]) expect((await socket.closed).code).toBe(4401);
    expect(Date.now()).toBeGreaterThanOrEqual(ends - 50);
    expect(Date.now()).toBeLessThan(ends + 5000);
    renewed.send({ op: 'ping', id: 1 });
    await renewed.frame('pong');
    renewed.close();
  });

  it('answers what it does not understand with an error frame, and stays', async () => {
    const socket = await SocketClient.open(deployment.url, ada.token);
    socket.socket.send('not json');
    expect(await socket.frame('error')).toMatchObject({ code: 'invalid_frame' });
    socket.send({ op: 'dance', id: 7 });
    expect(await socket.frame('error')).toMatchObject({ code: 'invalid_frame', id: 7 });
    socket.send({ op: 'subscribe', id: 'x', topic: 'everything' });
    expect(await socket.frame('error')).toMatchObject({ code: 'topic_not_allowed', id: 'x' });
    socket.send({ op: 'ping', id: 9 });
    expect(await socket.frame('pong')).toEqual({ op: 'pong', id: 9 });
    socket.close();
  });

  it('W4 closes with 1009 on a frame over 64 KiB', async () => {
    const socket = await SocketClient.open(deployment.url, ada.token);
    socket.socket.send('x'.repeat(65_537));
    expect((await socket.closed).code).toBe(1009);
  });

  it('takes at most 128 topics', async () => {
    const socket = await SocketClient.open(deployment.url, ada.token);
    const topics = Array.from({ length: 129 }, (_unused, n) => `topic ${n}`);
    socket.send({ op: 'resume', id: 1, epoch: socket.epoch, offset: socket.offset, topics });
    expect(await socket.frame('error')).toMatchObject({ code: 'too_many_topics', id: 1 });
    socket.close();
  });

  it('stops sending what is unsubscribed', async () => {
    const socket = await SocketClient.open(deployment.url, bob.token);
    await socket.subscribe('feed');
    socket.send({ op: 'unsubscribe', id: 1, topic: 'feed' });
    await socket.frame('unsubscribed');
    await client.write(ada, 'Unheard.');
    await socket.subscribe('notifications');
    const carol = await client.account('carol');
    await client.follow(carol, bob);
    expect((await socket.event('notification.created')).topic).toBe('notifications');
    socket.close();
  });

  it('W8 shows every event once and in order over any number of reconnects', async () => {
    const written: string[] = [];
    let writing = true;
    let reconnects = 0;
    const writer = (async () => {
      // However quick the writer and slow the reader: it goes on until there were some reconnects.
      while (written.length < 60 || reconnects < 4)
        written.push((await client.write(ada, `Post ${written.length}.`)).id);
      writing = false;
    })();
    const first = await SocketClient.open(deployment.url, bob.token);
    const seen: { offset: number; id: string }[] = [];
    await first.subscribe('feed');
    // What was written before the subscription is not the socket's: begin with what it saw first.
    let current = first;
    while (writing || seen.at(-1)?.id !== written.at(-1)) {
      await Promise.race([current.count(7), writer.then(() => current.count(1))]);
      const offset = current.offset;
      const epoch = current.epoch;
      current.socket.terminate();
      await current.closed;
      for (const event of current.events)
        if (event.offset <= offset) seen.push({ offset: event.offset, id: event.data.id });
      if (!writing && seen.at(-1)?.id === written.at(-1)) break;
      current = await SocketClient.open(deployment.url, bob.token);
      expect(await current.resume(epoch, offset, ['feed'])).toBe(true);
      reconnects++;
    }
    await writer;
    expect(seen.map(({ id }) => id)).toEqual(written.slice(written.indexOf(seen[0]?.id ?? '')));
    const offsets = seen.map(({ offset }) => offset);
    expect(offsets).toEqual([...new Set(offsets)].sort((a, b) => a - b));
  });

  it('replays a topic that is subscribed already, and once more from an older offset', async () => {
    const marks = await SocketClient.open(deployment.url, bob.token);
    const { epoch, offset } = marks;
    marks.close();
    const posts = [await client.write(ada, 'One.'), await client.write(ada, 'Two.')].map(
      (post) => post.id,
    );
    const socket = await SocketClient.open(deployment.url, bob.token);
    await socket.subscribe('feed');
    for (let times = 1; times <= 2; times++) {
      expect(await socket.resume(epoch, offset, ['feed'])).toBe(true);
      expect((await socket.count(2 * times)).slice(-2).map((event) => event.data.id)).toEqual(
        posts,
      );
    }
    socket.close();
  });

  it('takes text frames only', async () => {
    const socket = await SocketClient.open(deployment.url, ada.token);
    socket.socket.send(Buffer.from('{"op":"ping"}'), { binary: true });
    expect((await socket.closed).code).toBe(1003);
  });

  it('W9 says recovered:false for another epoch and for offsets beyond the history', async () => {
    const socket = await SocketClient.open(deployment.url, bob.token);
    expect(await socket.resume('another epoch', socket.offset, ['feed'])).toBe(false);
    const later = await SocketClient.open(deployment.url, bob.token);
    expect(await later.resume(later.epoch, later.offset + 1000, ['feed'])).toBe(false);
    await deployment.database.pool.query('UPDATE platform.event_log_head SET pruned_to = position');
    const old = await SocketClient.open(deployment.url, bob.token);
    expect(await old.resume(old.epoch, old.offset - 1, ['feed'])).toBe(false);
    // It is live all the same: what comes now is heard.
    const post = await client.write(ada, 'After the resume.');
    expect((await old.event('post.created')).data.id).toBe(post.id);
    for (const one of [socket, later, old]) one.close();
  });
});
