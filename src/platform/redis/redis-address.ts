/** Where Redis is, and how one gets in. */
export interface RedisAddress {
  kind: 'server' | 'sentinel' | 'cluster';
  /** The server, the sentinels, or some nodes of the cluster. */
  nodes: { host: string; port: number }[];
  /** Whether every connection is encrypted, also those to the sentinels. */
  tls: boolean;
  username?: string;
  password?: string;
  /** The name that the sentinels know the master by. */
  master?: string;
  db: number;
}

const shape = /^(rediss?)(?:\+(sentinel|cluster))?:\/\/([^/?#]+)(?:\/([^?#]*))?$/;

/**
 * Reads `redis://host:port/db`, `redis+sentinel://host:port,host:port/master/db` and
 * `redis+cluster://host:port,host:port`, each with `rediss` for TLS, and with `user:password@` before
 * the hosts. In these `/ ? # %` are percent-encoded, as in every URL; an IPv6 host stands in brackets.
 *
 * @throws when it is none of these
 */
export function parseRedisAddress(address: string): RedisAddress {
  const match = shape.exec(address);
  if (!match) throw new Error('not an address of Redis');
  const [, scheme, plus, authority = '', path = ''] = match;
  const kind = (plus ?? 'server') as RedisAddress['kind'];
  // The last @ ends the password, which may hold others.
  const at = authority.lastIndexOf('@');
  const hosts = authority.slice(at + 1).split(',');
  const steps = path === '' ? [] : path.split('/');
  const master = kind === 'sentinel' ? steps.shift() : undefined;
  const [db = '0', ...more] = steps;
  if (kind === 'server' && hosts.length > 1) throw new Error('one server has one address');
  if (kind === 'sentinel' && !master)
    throw new Error('sentinels are asked for a master by its name');
  if (kind === 'cluster' && path !== '') throw new Error('a cluster has no databases');
  if (!/^\d+$/.test(db) || more.length > 0) throw new Error('a database is a number');
  return {
    kind,
    nodes: hosts.map((host) => nodeOf(host, kind === 'sentinel' ? 26_379 : 6379)),
    tls: scheme === 'rediss',
    ...credentials(authority.slice(0, Math.max(0, at))),
    ...(master && { master: decodeURIComponent(master) }),
    db: Number(db),
  };
}

function nodeOf(host: string, defaultPort: number): { host: string; port: number } {
  const { hostname, port, pathname } = new URL(`redis://${host}`);
  if (hostname === '' || pathname !== '') throw new Error('a host without a name');
  return { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? defaultPort : Number(port) };
}

/** The first colon ends the user's name; a password may hold others. */
function credentials(user: string): { username?: string; password?: string } {
  if (user === '') return {};
  const [, username = '', password = ''] = /^([^:]*):?(.*)$/s.exec(user) ?? [];
  return {
    ...(username !== '' && { username: decodeURIComponent(username) }),
    ...(password !== '' && { password: decodeURIComponent(password) }),
  };
}
