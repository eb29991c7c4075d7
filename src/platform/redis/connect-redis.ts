import { Cluster, Redis, type ClusterOptions, type RedisOptions } from 'ioredis';
import { parseRedisAddress, type RedisAddress } from './redis-address.js';

/** A connection to one server, to the master that the sentinels name, or to a cluster. */
export type RedisClient = Redis | Cluster;

const patience = {
  connectTimeout: 2000,
  socketTimeout: 5000, // a peer that went without a word is not waited for forever
};
const retryStrategy = (attempt: number): number => Math.min(attempt * 100, 2000);
const queues = {
  enableOfflineQueue: false, // a command while it is down fails at once instead of piling up
  enableAutoPipelining: true, // commands of one turn of the event loop travel together
};

/** Connects to what an address names; see `parseRedisAddress`. */
export function connectRedis(address: string): RedisClient {
  const parsed = parseRedisAddress(address);
  if (parsed.kind === 'cluster') return new Cluster(parsed.nodes, clusterOptions(parsed));
  return new Redis(serverOptions(parsed));
}

/** How a server is reached, by itself or through its sentinels. */
export function serverOptions(address: RedisAddress): RedisOptions {
  const { kind, nodes, tls, master = '', db } = address;
  const common = {
    ...queues,
    ...patience,
    ...login(address),
    // Limits make batches of their own: gathered once more they would cost 15 µs at each lonely call.
    autoPipeliningIgnoredCommands: ['evalsha', 'eval'],
    maxRetriesPerRequest: 0,
    // A master that became a replica refuses writes for good: look for the new one.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
    retryStrategy,
    db,
  };
  if (kind === 'server') return { ...common, ...nodes[0] };
  return {
    ...common,
    // Without these two the login would travel in the clear.
    ...(tls && { enableTLSForSentinelMode: true, sentinelTLS: {} }),
    sentinels: nodes,
    sentinelCommandTimeout: patience.connectTimeout, // one that hangs must not keep us from the others
    sentinelRetryStrategy: retryStrategy,
    name: master,
  };
}

/** How a cluster is reached, and each of its nodes. */
export function clusterOptions(address: RedisAddress): ClusterOptions {
  return {
    ...queues,
    redisOptions: { ...login(address), ...patience },
    clusterRetryStrategy: retryStrategy,
  };
}

function login({ username, password, tls }: RedisAddress): RedisOptions {
  return {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(tls && { tls: {} }),
  };
}
