import { randomBytes } from 'node:crypto';
import { expect } from '@jest/globals';
import { SocketClient } from '../../../scripts/socket-client.ts';
import type { Account, Client } from '../../support/client.js';

/** How the instances must be started for `touchEverything`: limits that are soon reached by who tries. */
export const settings = {
  TRUSTED_PROXIES: '127.0.0.1/32', // every caller of the load has an address of its own
  MAINSTAY__LIMITS__ENABLED: 'true',
  MAINSTAY__LIMITS__API__LIMIT: '100000',
  MAINSTAY__LIMITS__HOURLY__LIMIT: '100000',
  MAINSTAY__LIMITS__WRITES__LIMIT: '100000',
  MAINSTAY__LIMITS__HANDSHAKE__LIMIT: '3',
  MAINSTAY__JOBS__POLL_SECONDS: '0.5',
  MAINSTAY__CACHE__MAX_ENTRIES: '3', // so that some are evicted
};

/** What a second instance is told on top: it refuses what comes at once, and its Redis often fails. */
export const weakSettings = {
  MAINSTAY__OVERLOAD__MAX_IN_FLIGHT: '1',
  MAINSTAY__CHAOS__ENABLED: 'true',
  MAINSTAY__CHAOS__REDIS__ERROR_SHARE: '0.8',
};

const PASSWORD = 'correct horse battery staple';
/** Limits outlive a run where the Redis does. */
const network = `10.${Math.floor(Math.random() * 256)}`;
let addresses = 0;

/** The header of a caller that nobody has seen before. */
const stranger = (): Record<string, string> => ({
  'x-forwarded-for': `${network}.${addresses >> 8}.${addresses++ & 255}`,
});
/** Who never gives up, and is refused. */
const pest = stranger();

/**
 * Everything that leaves a trace in a metric, over and over until it is stopped: what people do, what they
 * do wrong, and what goes wrong for them.
 *
 * @param weak an instance with `weakSettings`
 * @returns what stops it; fails when something was not answered as it should be
 */
export async function touchEverything(well: Client, weak: Client): Promise<() => Promise<void>> {
  const ada = await well.account('ada', stranger());
  const bob = await well.account('bob', stranger());
  expect((await well.follow(bob, ada)).status).toBe(204);
  const readers = await Promise.all([reader(well, bob), reader(weak, bob)]);
  let stopped = false;
  const rounds = (async () => {
    while (!stopped) {
      await people(well, ada);
      await mistakes(well, ada);
      await sockets(well, ada);
      await tooMuch(well, weak, ada);
    }
  })();
  rounds.catch(() => undefined); // it is told when it is stopped
  return async () => {
    stopped = true;
    for (const socket of readers) socket.close();
    await rounds;
  };
}

/** A socket that stays, and sees the posts. */
async function reader({ url }: Client, { token }: Account): Promise<SocketClient> {
  const socket = await open(url, token);
  await socket.subscribe('feed');
  await socket.subscribe('notifications');
  return socket;
}

async function open(url: string, token: string): Promise<SocketClient> {
  const socket = new SocketClient(url, { ...stranger(), authorization: `Bearer ${token}` });
  await socket.frame('ready');
  return socket;
}

async function people(client: Client, ada: Account): Promise<void> {
  const fan = await client.account('fan', stranger());
  expect((await client.follow(fan, ada)).status).toBe(204); // and a notification
  const again = { username: `eve_${randomBytes(4).toString('hex')}`, password: PASSWORD };
  const body = { ...again, email: fan.email };
  const known = await client.post('/api/v1/auth/register', body, undefined, stranger());
  expect(known.status).toBe(202); // and a mail to the owner of the address: a job
  await client.write(ada, 'A note.');
  const poem = await client.write(ada, 'A poem.', { kind: 'poem' });
  const login = { identifier: ada.username, password: ada.password };
  expect((await client.post('/api/v1/auth/login', login, undefined, stranger())).status).toBe(200);
  for (let n = 0; n < 5; n++) {
    for (const path of ['posts/feed', 'posts', `posts/${poem.id}`, `users/${ada.username}`])
      expect((await client.get(`/api/v1/${path}`, fan.token)).status).toBe(200);
  }
}

async function mistakes(client: Client, ada: Account): Promise<void> {
  const wrong = { identifier: ada.username, password: 'wrong' };
  const answers = [
    await client.post('/api/v1/auth/login', wrong, undefined, stranger()),
    await client.get('/api/v1/posts/feed', 'no token', stranger()),
    await client.get('/api/v1/nothing', undefined, stranger()),
    await client.post('/api/v1/posts', { body: '' }, ada.token),
  ];
  expect(answers.map(({ status }) => status)).toEqual([401, 401, 404, 400]);
  // A refresh token that was copied: the one after it was used already.
  const { refreshToken } = await client.account('mallory', stranger());
  const refresh = (token: string) =>
    client.post('/api/v1/auth/refresh', { refreshToken: token }, undefined, stranger());
  const next = await refresh(refreshToken);
  expect((await refresh(next.body.refreshToken)).status).toBe(200);
  expect((await refresh(refreshToken)).status).toBe(401);
}

async function sockets(client: Client, ada: Account): Promise<void> {
  const polite = await open(client.url, ada.token);
  polite.send({ op: 'ping', id: '1' });
  await polite.frame('pong');
  await polite.subscribe('feed');
  polite.send({ op: 'unsubscribe', id: '2', topic: 'feed' });
  await polite.frame('unsubscribed');
  polite.send({ op: 'subscribe', id: '3', topic: 'nothing' });
  await polite.frame('error');
  polite.close();
  const cut = await open(client.url, ada.token);
  cut.socket.terminate();
  await Promise.all([polite.closed, cut.closed]);
}

async function tooMuch(well: Client, weak: Client, ada: Account): Promise<void> {
  const wrong = { identifier: ada.username, password: 'guess' };
  await well.post('/api/v1/auth/login', wrong, undefined, pest);
  await well.post('/api/v1/auth/login', wrong, undefined, pest);
  await new SocketClient(well.url, pest).closed.catch(() => undefined);
  const path = `/api/v1/posts?author=${ada.username}`;
  await Promise.all(Array.from({ length: 20 }, () => weak.get(path, ada.token)));
}
