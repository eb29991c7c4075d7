import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { adminAccount } from '../support/admin-account.js';
import { Client, type Account } from '../support/client.js';
import { deploy, type Deployment } from '../support/deployment.js';

const KEY = 'the internal key of these tests only';
const OUTSIDE = { 'x-forwarded-for': '203.0.113.9' };
const CHALLENGE =
  'Basic realm="Mainstay operations", charset="UTF-8", Bearer realm="Mainstay operations"';
const basic = (password: string) => ({
  authorization: `Basic ${Buffer.from(`ops:${password}`).toString('base64')}`,
});
const keyed = { 'x-internal-key': KEY };

describe('the console', () => {
  let deployment: Deployment;
  let client: Client;
  let ada: Account;
  let admin: string;

  beforeAll(async () => {
    deployment = await deploy({
      INTERNAL_API_KEYS: KEY,
      TRUSTED_PROXIES: '127.0.0.1/32', // so that a test can come from outside
      MAINSTAY__LIMITS__ENABLED: 'true',
    });
    client = new Client(deployment.url);
    ada = await client.account('ada');
    admin = (await adminAccount(client, deployment.database.pool)).token;
  });
  afterAll(() => deployment.stop());

  const paths = [
    ...['/console', '/console/assets/console.js', '/console/snapshot'],
    ...['/console/stream', '/console/assets/nothing'],
  ];
  const ask = async (path: string, token?: string, headers: Record<string, string> = {}) => {
    const { status, body } = await client.get(path, token, headers);
    return [status, body.code];
  };

  it.each(paths)('%s does not exist from outside, whatever one brings', async (path) => {
    for (const headers of [{}, keyed, basic(KEY), basic(admin), basic('wrong')])
      expect(await ask(path, undefined, { ...headers, ...OUTSIDE })).toEqual([404, 'not_found']);
    expect(await ask(path, admin, OUTSIDE)).toEqual([404, 'not_found']);
  });

  it.each(paths)('%s asks who it is, in words that a browser understands', async (path) => {
    const wrong: [Record<string, string>, string][] = [
      [{}, 'unauthenticated'],
      [basic('wrong'), 'invalid_token'],
      [basic(''), 'invalid_token'],
      [basic('ключ.ключ.ключ'), 'invalid_token'],
      [basic(KEY.slice(1)), 'invalid_token'],
      [{ authorization: 'Bearer nonsense' }, 'invalid_token'],
      [{ 'x-internal-key': 'wrong' }, 'invalid_internal_key'],
    ];
    for (const [headers, code] of wrong) {
      const { status, body, headers: answered } = await client.get(path, undefined, headers);
      expect([status, body.code]).toEqual([401, code]);
      expect(answered.get('www-authenticate')).toBe(CHALLENGE);
    }
  });

  it.each(paths)('%s is nothing for an account without the permission', async (path) => {
    expect(await ask(path, ada.token)).toEqual([403, 'forbidden']);
    expect(await ask(path, undefined, basic(ada.token))).toEqual([403, 'forbidden']);
  });

  it('opens with a key, with a token, and with either as the password of a browser', async () => {
    for (const [token, headers] of [
      [undefined, keyed],
      [admin, {}],
      [undefined, basic(KEY)],
      [undefined, basic(admin)],
    ] as const) {
      const { status, body } = await client.get('/console/snapshot', token, headers);
      expect([status, body.status]).toEqual([200, 'ok']);
    }
  });

  it('is made of listed files, which run nothing but themselves', async () => {
    const page = await client.get('/console', undefined, keyed);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')?.split(';').sort()).toEqual([
      ...["base-uri 'none'", "connect-src 'self'", "default-src 'none'", "form-action 'none'"],
      ...[
        "frame-ancestors 'none'",
        "img-src 'self' data:",
        "script-src 'self'",
        "style-src 'self'",
      ],
    ]);
    const files = [...page.text.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => path);
    expect(files.length).toBeGreaterThan(3);
    for (const file of files)
      expect((await client.get(file ?? '', undefined, keyed)).status).toBe(200);
    for (const name of ['', 'console.config.js', '..%2Fconsole.module.js', '__proto__', 'toString'])
      expect(await ask(`/console/assets/${name}`, undefined, keyed)).toEqual([404, 'not_found']);
  });

  it('lets a page of another origin neither change nor read anything', async () => {
    const { host, origin } = new URL(deployment.url);
    const reset = (headers: Record<string, string>) =>
      client
        .call('POST', '/ops/breakers/database/reset', { headers: { ...basic(KEY), ...headers } })
        .then(({ status }) => status);
    expect(host).toContain('127.0.0.1');
    expect(await reset({ 'sec-fetch-site': 'same-origin' })).toBe(204);
    expect(await reset({ origin })).toBe(204);
    expect(await reset({})).toBe(403);
    expect(await reset({ origin: 'http://evil.example' })).toBe(403);
    expect(await reset({ 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await reset({ 'sec-fetch-site': 'same-site', origin })).toBe(403);
    const elsewhere = { ...basic(KEY), 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' };
    expect(await ask('/console/snapshot', undefined, elsewhere)).toEqual([403, 'forbidden']);
    expect(await ask('/ops/breakers', undefined, elsewhere)).toEqual([403, 'forbidden']);
    // What a page cannot send along is no browser's: commands may do it from anywhere.
    const { status } = await client.call('POST', '/ops/breakers/database/reset', {
      headers: keyed,
    });
    expect(status).toBe(204);
  });

  it('counts the credentials of a browser as nothing everywhere else', async () => {
    for (const password of [KEY, admin, 'wrong']) {
      const headers = basic(password);
      expect(await ask('/api/v1/users/me', undefined, headers)).toEqual([401, 'unauthenticated']);
      const { status, headers: answered } = await client.get(
        `/api/v1/users/${ada.username}`,
        undefined,
        headers,
      );
      expect(status).toBe(200);
      expect(answered.get('x-ratelimit-limit')).not.toBeNull(); // a key would free of limits
      expect((await client.get('/errors', undefined, headers)).status).toBe(200);
    }
    const { headers } = await client.get('/api/v1/users/me', undefined, basic(KEY));
    expect(headers.get('www-authenticate')).toBe('Bearer');
  });

  it('streams to eight at the same time, and to another when one hangs up', async () => {
    const open = async () => {
      const hangUp = new AbortController();
      const { signal } = hangUp;
      const answer = await fetch(`${deployment.url}/console/stream`, { headers: keyed, signal });
      return { hangUp: () => hangUp.abort(), answer };
    };
    const streams = await Promise.all(Array.from({ length: 8 }, open));
    expect(streams.map(({ answer }) => answer.status)).toEqual(Array(8).fill(200));
    const ninth = await open();
    expect(ninth.answer.status).toBe(503);
    expect(ninth.answer.headers.get('retry-after')).toBe('10');
    streams[0]?.hangUp();
    const tenth = await eventuallyOpen(open);
    const events = await read(tenth.answer, 3);
    expect(events.map(({ status }) => status)).toEqual(['ok', 'ok', 'ok']);
    expect(events.map(({ history }) => history !== undefined)).toEqual([true, false, false]);
    expect(Date.parse(events[2].at)).toBeGreaterThan(Date.parse(events[1].at));
    for (const { hangUp } of [...streams, tenth]) hangUp();
  });

  it('is in no public document, and no log knows what it was asked with', async () => {
    const { body: document } = await client.get('/docs/openapi.json');
    expect(Object.keys(document.paths).filter((path) => path.startsWith('/console'))).toEqual([]);
    const logs = JSON.stringify(deployment.app.logs);
    expect(logs).toContain('/console/snapshot');
    for (const secret of [KEY, basic(KEY).authorization.slice(6), admin])
      expect(logs).not.toContain(secret);
  });
});

describe('the console with the token of an account', () => {
  let deployment: Deployment;
  beforeAll(async () => {
    deployment = await deploy({ MAINSTAY__AUTH__ACCESS_TOKEN_SECONDS: '10' });
  });
  afterAll(() => deployment.stop());

  it('ends its stream with the token', async () => {
    const client = new Client(deployment.url);
    const { token } = await adminAccount(client, deployment.database.pool);
    const ends = Number(decodeJwt(token).exp) * 1000;
    const { status, text } = await client.get('/console/stream', token);
    expect(status).toBe(200);
    expect(text.match(/^data: /gm)?.length).toBeGreaterThanOrEqual(2);
    expect(Date.now()).toBeGreaterThan(ends - 50);
    expect(Date.now()).toBeLessThan(ends + 5000);
  });
});

interface Opened {
  answer: Response;
  hangUp: () => void;
}

/** A stream has its place until the server has noticed that nobody reads it. */
async function eventuallyOpen(open: () => Promise<Opened>): Promise<Opened> {
  for (;;) {
    const stream = await open();
    if (stream.answer.status === 200) return stream;
    await stream.answer.body?.cancel();
  }
}

async function read(answer: Response, wanted: number) {
  const events = [];
  let text = '';
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  while (events.length < wanted) {
    const { value, done } = (await reader?.read()) ?? { done: true };
    if (done) throw new Error('the stream has ended');
    text += value;
    const parts = text.split('\n\n');
    text = parts.pop() ?? '';
    for (const part of parts)
      if (part.startsWith('data: ')) events.push(JSON.parse(part.slice('data: '.length)));
  }
  return events;
}
