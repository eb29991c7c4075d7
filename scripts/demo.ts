/**
 * `npm run demo`: a client that tries the running application. Two users, a follow, a post, the
 * socket event, a reconnect with resume. Prints what it sees; exit 1 when anything is missing.
 *
 * MAINSTAY_URL names another instance than http://127.0.0.1:3000.
 */
import { randomBytes } from 'node:crypto';
import { SocketClient } from './socket-client.ts';

const base = process.env['MAINSTAY_URL'] ?? 'http://127.0.0.1:3000';
const run = randomBytes(3).toString('hex');

interface Session {
  user: { id: string; username: string };
  accessToken: string;
}

function say(what: string, detail = ''): void {
  process.stdout.write(`  ${what.padEnd(34)} ${detail}\n`);
}

async function call<T>(
  method: string,
  path: string,
  options: { token?: string; body?: unknown } = {},
): Promise<T> {
  const response = await fetch(`${base}${path}`, {
    method,
    headers: {
      ...(options.body !== undefined && { 'content-type': 'application/json' }),
      ...(options.token && { authorization: `Bearer ${options.token}` }),
    },
    ...(options.body !== undefined && { body: JSON.stringify(options.body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status}: ${text}`);
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

function register(name: string): Promise<Session> {
  const username = `${name}_${run}`;
  const body = {
    username,
    email: `${username}@example.com`,
    password: randomBytes(12).toString('base64url'),
  };
  return call('POST', '/api/v1/auth/register', { body });
}

function expect(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`missing: ${what}`);
}

async function demo(): Promise<void> {
  process.stdout.write(`\nMainstay demo against ${base}\n\n`);
  const [ada, bob] = await Promise.all([register('ada'), register('bob')]);
  say('two accounts', `${ada.user.username}, ${bob.user.username}`);

  const adasSocket = await SocketClient.open(base, ada.accessToken);
  const bobsSocket = await SocketClient.open(base, bob.accessToken);
  await adasSocket.subscribe('notifications');
  await bobsSocket.subscribe('feed');
  say('two sockets', `ready at offset ${bobsSocket.offset}`);

  await call('PUT', `/api/v1/posts/authors/${ada.user.username}/follow`, {
    token: bob.accessToken,
  });
  const notification = await adasSocket.event('notification.created');
  expect(notification.data.actor.username === bob.user.username, 'the notification of the follow');
  say('bob follows ada, ada is told', `offset ${notification.offset}`);

  const written = performance.now();
  const first = await call<{ id: string }>('POST', '/api/v1/posts', {
    token: ada.accessToken,
    body: { body: 'The first post.' },
  });
  const live = await bobsSocket.event('post.created');
  expect(live.data.id === first.id, 'the post on the socket');
  say(
    'ada posts, bob sees it live',
    `offset ${live.offset}, ${Math.round(performance.now() - written)} ms after the request`,
  );

  bobsSocket.close();
  const missed: string[] = [];
  for (const body of ['Written while bob was away.', 'And another one.']) {
    missed.push(
      (
        await call<{ id: string }>('POST', '/api/v1/posts', {
          token: ada.accessToken,
          body: { body },
        })
      ).id,
    );
  }
  const back = await SocketClient.open(base, bob.accessToken);
  const recovered = await back.resume(bobsSocket.epoch, live.offset, ['feed']);
  expect(recovered, 'the resume');
  const replayed = [await back.event('post.created'), await back.event('post.created')];
  expect(
    replayed.map((event) => event.data.id).join() === missed.join(),
    'the posts of the meantime, once and in order',
  );
  say('bob reconnects and resumes', `offsets ${replayed.map((event) => event.offset).join(', ')}`);

  const feed = await call<{ items: { id: string; author: { username: string } }[] }>(
    'GET',
    '/api/v1/posts/feed',
    {
      token: bob.accessToken,
    },
  );
  expect(
    feed.items.length === 3 &&
      feed.items.every((item) => item.author.username === ada.user.username),
    'the feed',
  );
  say('bob reads his feed', `${feed.items.length} posts by ${feed.items[0]?.author.username}`);
  adasSocket.close();
  back.close();
  process.stdout.write('\nEverything arrived.\n\n');
}

try {
  await demo();
} catch (error) {
  const cause = (error as Error & { cause?: { code?: string } }).cause?.code;
  process.stderr.write(`\nThe demo failed: ${(error as Error).message}\n`);
  if (cause === 'ECONNREFUSED')
    process.stderr.write(
      `Nothing listens at ${base}: run "npm start" in another terminal first.\n`,
    );
  process.exitCode = 1;
}
