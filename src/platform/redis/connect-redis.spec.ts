import { describe, expect, it } from '@jest/globals';
import { clusterOptions, serverOptions } from './connect-redis.js';
import { parseRedisAddress } from './redis-address.js';

describe('connections to Redis', () => {
  it('go to a server as the address says', () => {
    const options = serverOptions(parseRedisAddress('rediss://ada:p%40ss@[::1]:1/3'));
    expect(options).toMatchObject({
      ...{ host: '::1', port: 1, username: 'ada', password: 'p@ss', db: 3, tls: {} },
      enableOfflineQueue: false,
    });
    const plain = serverOptions(parseRedisAddress('redis://a'));
    for (const name of ['tls', 'username', 'password', 'sentinels'])
      expect(plain).not.toHaveProperty(name);
  });

  it('are encrypted to the sentinels and to the master, or to neither', () => {
    expect(
      serverOptions(parseRedisAddress('rediss+sentinel://:secret@a:1,b/main/2')),
    ).toMatchObject({
      sentinels: [
        { host: 'a', port: 1 },
        { host: 'b', port: 26_379 },
      ],
      ...{ name: 'main', db: 2, password: 'secret' },
      ...{ tls: {}, enableTLSForSentinelMode: true, sentinelTLS: {} },
    });
    const plain = serverOptions(parseRedisAddress('redis+sentinel://a/main'));
    for (const name of ['tls', 'enableTLSForSentinelMode', 'sentinelTLS', 'host'])
      expect(plain).not.toHaveProperty(name);
  });

  it('log in to every node of a cluster', () => {
    const options = clusterOptions(parseRedisAddress('rediss+cluster://ada:secret@a,b'));
    expect(options.redisOptions).toMatchObject({ username: 'ada', password: 'secret', tls: {} });
  });
});
