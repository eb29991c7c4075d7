import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createInstances, type Instance, type Instances } from '../../support/instances.js';
import { exchange } from '../../support/raw-socket.js';

describe('H7 other spellings of a path', () => {
  let instances: Instances;
  let instance: Instance;
  let token: string;

  beforeAll(async () => {
    instances = await createInstances();
    // Nobody is internal: what only operators may see must be out of reach by any spelling.
    instance = await instances.start({ INTERNAL_CIDRS: '192.0.2.0/24' });
    token = (await instance.client.account('ada')).token;
  });
  afterAll(async () => {
    expect(await instance.app.stop()).toBe(0);
    expect(instance.app.logs.filter(({ level }) => level === 'error')).toEqual([]);
    await instances.clean();
  });

  const get = (target: string, lines = '') =>
    exchange(
      instance.client.url,
      `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${lines}\r\n`,
    );

  /** Ways of writing a path that some router somewhere takes for the path itself. */
  const spellings = (path: string): string[] => {
    const [, first = ''] = path.split('/');
    const last = path.at(-1) ?? '';
    const code = last.charCodeAt(0).toString(16);
    return [
      `${path.slice(0, -1)}%${code}`,
      `${path.slice(0, -1)}%25${code}`,
      `/%${first.charCodeAt(0).toString(16)}${path.slice(2)}`,
      `/${path}`,
      `//${path}`,
      path.replaceAll('/', '//'),
      path.replace(/^\//, '/./'),
      `/x/..${path}`,
      `/x/%2e%2e${path}`,
      `/healthz/..${path}`,
      path.replaceAll('/', '%2f'),
      path.replaceAll('/', '\\'),
      `${path}/`,
      `${path}/.`,
      `${path};a=b`,
      `${path}%00`,
      `${path}%20`,
      `${path}#x`,
      `${path}?x`,
      path.toUpperCase(),
      `http://a${path}`,
      `HTTP://A${path}`,
      `http://user:password@a${path}`,
      `http://a/${path}`,
      `https://a:443${path}?x`,
      `http://a?${path}`,
      `ftp://a${path}`,
      `*${path.slice(1)}`,
      `*${path}`,
    ];
  };

  it.each(['/api/v1/users/me', '/api/v1/posts/feed'])(
    'H7 %s: nobody gets in without a token, whatever the spelling',
    async (path) => {
      for (const target of spellings(path)) {
        const { status } = await get(target);
        expect({ target, status: [400, 401, 404].includes(status) ? 'refused' : status }).toEqual({
          target,
          status: 'refused',
        });
      }
    },
  );

  it.each(['/metrics', '/healthz/ready', '/healthz/live'])(
    'H7 %s: nobody from outside sees it, whatever the spelling',
    async (path) => {
      for (const target of [path, ...spellings(path)]) {
        const { status, body } = await get(target);
        expect({ target, status: [400, 404].includes(status) ? 'refused' : status }).toEqual({
          target,
          status: 'refused',
        });
        expect(body).not.toMatch(/http_requests_total|uptimeSeconds|checks/);
      }
    },
  );

  it('H7 an absolute or encoded path that is the same is served to who may', async () => {
    const bearer = `Authorization: Bearer ${token}\r\n`;
    for (const target of ['http://a/api/v1/users/me', '/api/v1/users/%6de', '/api/v1/users/me?']) {
      const refused = await get(target);
      expect([target, refused.status]).toEqual([target, 401]);
      expect([target, (await get(target, bearer)).status]).toEqual([target, 200]);
    }
  });
});
