import { describe, expect, it } from '@jest/globals';
import { parseRedisAddress } from './redis-address.js';

describe('parseRedisAddress', () => {
  const node = (host: string, port: number) => ({ host, port });

  it.each([
    ['redis://cache', 'server', [node('cache', 6379)], 0],
    ['redis://cache:7000/3', 'server', [node('cache', 7000)], 3],
    ['redis://[::1]:7000', 'server', [node('::1', 7000)], 0],
    ['redis://[2001:db8::1]', 'server', [node('2001:db8::1', 6379)], 0],
    ['redis+cluster://a:7000,b', 'cluster', [node('a', 7000), node('b', 6379)], 0],
    [
      'redis+cluster://[::1]:7000,10.0.0.1/',
      'cluster',
      [node('::1', 7000), node('10.0.0.1', 6379)],
      0,
    ],
    ['redis+sentinel://a,[::1]:7000/main', 'sentinel', [node('a', 26_379), node('::1', 7000)], 0],
    ['redis+sentinel://a:1/main/12', 'sentinel', [node('a', 1)], 12],
  ])('reads %s', (address, kind, nodes, db) => {
    expect(parseRedisAddress(address)).toMatchObject({ kind, nodes, db, tls: false });
  });

  it('reads the name of the master', () => {
    expect(parseRedisAddress('redis+sentinel://a/my%20master').master).toBe('my master');
    expect(parseRedisAddress('redis://a')).not.toHaveProperty('master');
  });

  it.each(['redis', 'redis+sentinel', 'redis+cluster'])('reads the login of %s', (scheme) => {
    const login = (user: string) => {
      const path = scheme.endsWith('sentinel') ? '/main' : '';
      const parsed = parseRedisAddress(
        `${scheme}://${user}@a:1,b:2${path}`.replace(scheme === 'redis' ? ',b:2' : '', ''),
      );
      expect(parsed.nodes[0]).toEqual(node('a', 1));
      return [parsed.username, parsed.password];
    };
    expect(login('ada:secret')).toEqual(['ada', 'secret']);
    expect(login(':secret')).toEqual([undefined, 'secret']);
    expect(login('ada')).toEqual(['ada', undefined]);
    expect(login(':a:b@c,d')).toEqual([undefined, 'a:b@c,d']);
    expect(login('ada:p%40s%3As%2F%25%23%3F%C3%A9')).toEqual(['ada', 'p@s:s/%#?é']);
    expect(login('ada:p+ss')).toEqual(['ada', 'p+ss']);
  });

  it('encrypts where the scheme says so', () => {
    for (const scheme of ['rediss', 'rediss+cluster'])
      expect(parseRedisAddress(`${scheme}://a`).tls).toBe(true);
    expect(parseRedisAddress('rediss+sentinel://a/main').tls).toBe(true);
  });

  it.each([
    '',
    'http://a',
    'redis:a',
    'redis://',
    'redis:///3',
    'redis://a:port',
    'redis://a:70000',
    'redis://a/three',
    'redis://a/1/2',
    'redis://a,b',
    'redis://a?db=3',
    'redis://:%zz@a',
    'redis://:pass/word@a',
    'redis+cluster://a/1',
    'redis+cluster://a,,b',
    'redis+cluster://a,',
    'redis+sentinel://a',
    'redis+sentinel://a/',
    'redis+sentinel://a/main/x',
    'redis+other://a',
  ])('refuses %j', (address) => {
    expect(() => parseRedisAddress(address)).toThrow();
  });
});
