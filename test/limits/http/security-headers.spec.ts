import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createInstances, type Instance, type Instances } from '../../support/instances.js';
import { exchange } from '../../support/raw-socket.js';

const expected = {
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'x-xss-protection': '1; mode=block',
  'referrer-policy': 'no-referrer',
};
const strict = "default-src 'none';base-uri 'none';form-action 'none';frame-ancestors 'none'";

describe('security headers', () => {
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

  const get = (target: string, lines = '') =>
    exchange(
      instance.client.url,
      `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${lines}\r\n`,
    );

  it.each([
    ['an answer', '/api/v1/posts', '', 200],
    ['a probe', '/healthz', '', 200],
    ['a page of an error', '/errors/not_found', '', 200],
    ['no permission', '/api/v1/users/me', '', 401],
    ['no such path', '/nothing', '', 404],
    ['no such target', '*', '', 404],
    ['a path that cannot be decoded', '/%zz', '', 400],
    ['a refusal of the gate', '/healthz', 'Host: b\r\n', 400],
    ['a refusal of the parser', '/healthz', 'Content-Length: x\r\n', 400],
  ])('%s carries them, and a policy that allows nothing', async (_what, target, lines, status) => {
    const answer = await get(target, lines);
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject({ ...expected, 'content-security-policy': strict });
  });

  it('another method, a preflight and an empty answer carry them too', async () => {
    for (const [method, path] of [
      ['DELETE', '/api/v1/posts'],
      ['OPTIONS', '/api/v1/posts'],
      ['HEAD', '/api/v1/posts'],
    ] as const) {
      const { headers } = await instance.client.call(method, path);
      expect(Object.fromEntries(headers)).toMatchObject(expected);
    }
  });

  it('/docs may run its own scripts and no others, and asks for nothing more', async () => {
    const page = await get('/docs');
    expect(page.headers).toMatchObject(expected);
    const policy = page.headers['content-security-policy'] ?? '';
    expect(policy.split(';').sort()).toEqual(
      [
        ...strict.split(';'),
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "connect-src 'self'",
      ].sort(),
    );
    // What a browser would refuse: scripts within the page, and anything from elsewhere.
    expect(page.body).not.toMatch(/<script(?![^>]*\ssrc="\.\/docs\/)[^>]*>/);
    expect(page.body).not.toMatch(/\son[a-z]+\s*=\s*["']/);
    expect(page.body).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
    for (const [, source] of page.body.matchAll(/<script src="\.(\/docs\/[^"]+)"/g)) {
      expect([source, (await get(String(source))).status]).toEqual([source, 200]);
    }
  });
});
