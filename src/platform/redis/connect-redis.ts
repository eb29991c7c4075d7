import { Cluster, Redis, type RedisOptions } from 'ioredis';

/** A connection to one server, to the master that the sentinels name, or to a cluster. */
export type RedisClient = Redis | Cluster;

const options = {
  enableOfflineQueue: false, // a command while it is down fails at once instead of piling up
  maxRetriesPerRequest: 0,
  connectTimeout: 2000,
  socketTimeout: 5000, // a peer that went without a word is not waited for forever
  enableAutoPipelining: true, // commands of one turn of the event loop travel together
  retryStrategy: (attempt: number) => Math.min(attempt * 100, 2000),
} satisfies RedisOptions;

/**
 * Connects by the address: `redis://`, `rediss://`, `redis+sentinel://host:port,host:port/master[/db]`,
 * `redis+cluster://host:port,host:port`; user and password before an `@`.
 */
export function connectRedis(address: string): RedisClient {
  const match = /^(rediss?)\+(sentinel|cluster):\/\/(?:([^@/]*)@)?([^/?]+)(?:\/([^?]*))?/.exec(
    address,
  );
  if (!match) return new Redis(address, options);
  const [, scheme, kind, user = '', hosts = '', path = ''] = match;
  const nodes = hosts.split(',').map((host) => nodeOf(host, kind === 'sentinel' ? 26_379 : 6379));
  const login = { ...credentials(user), ...(scheme === 'rediss' && { tls: {} }) };
  if (kind === 'cluster') {
    return new Cluster(nodes, {
      enableOfflineQueue: false,
      enableAutoPipelining: true,
      redisOptions: {
        ...login,
        connectTimeout: options.connectTimeout,
        socketTimeout: options.socketTimeout,
      },
      clusterRetryStrategy: options.retryStrategy,
    });
  }
  const [name = '', db = '0'] = path.split('/');
  return new Redis({ ...options, ...login, sentinels: nodes, name, db: Number(db) });
}

function nodeOf(host: string, defaultPort: number): { host: string; port: number } {
  const { hostname, port } = new URL(`redis://${host}`);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? defaultPort : Number(port) };
}

function credentials(user: string): { username?: string; password?: string } {
  if (user === '') return {};
  const [username = '', password = ''] = user.split(':').map(decodeURIComponent);
  return { ...(username !== '' && { username }), password };
}
