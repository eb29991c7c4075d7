import { randomBytes } from 'node:crypto';
import { SocketClient } from '../../scripts/socket-client.ts';
import { Client, type Account, type Answer, type Json } from '../support/client.js';
import { createInstances, type Instance, type Instances } from '../support/instances.js';
import { startRedisServer, type RedisServer } from '../support/redis-server.js';

/** Limits of a policy, e.g. `{ api: [5, 60] }`: five requests in any sixty seconds. */
export type Limits = Partial<Record<string, [limit: number, windowSeconds: number]>>;

/** Instances that count their limits in one Redis, which belongs to one test file. */
export interface Limited {
  redis: RedisServer;
  instances: Instances;
  all: Instance[];
  clients: Client[];
  stop(): Promise<void>;
}

/** Behind a proxy that the tests play: they say in `X-Forwarded-For` who they are. */
export const behindProxy = { TRUSTED_PROXIES: '127.0.0.1/32' };

export async function startLimited(
  replicas: number,
  limits: Limits = {},
  env: Record<string, string> = behindProxy,
): Promise<Limited> {
  const [redis, instances] = await Promise.all([startRedisServer(), createInstances()]);
  const settings = {
    REDIS_URL: redis.url,
    REPLICAS: String(replicas),
    // Exact counts are expected here, also of a machine that stands still for a moment.
    MAINSTAY__REDIS__TIMEOUT_MS: '1000',
    ...limited(limits),
    ...env,
  };
  const all = await Promise.all(Array.from({ length: replicas }, () => instances.start(settings)));
  return {
    ...{ redis, instances, all },
    clients: all.map(({ client }) => client),
    stop: async () => {
      const codes = await Promise.all(all.map(({ app }) => app.stop()));
      await instances.clean();
      await redis.stop();
      if (codes.some((code) => code !== 0)) throw new Error(`instances ended with ${codes.join()}`);
    },
  };
}

/** The environment that sets limits; the tests' own configuration has them off. */
export function limited(limits: Limits): Record<string, string> {
  const env: Record<string, string> = { MAINSTAY__LIMITS__ENABLED: 'true' };
  for (const [policy, values] of Object.entries(limits)) {
    const name = policy.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
    env[`MAINSTAY__LIMITS__${name}__LIMIT`] = String(values?.[0]);
    env[`MAINSTAY__LIMITS__${name}__WINDOW_SECONDS`] = String(values?.[1]);
  }
  return env;
}

export const from = (address: string) => ({ 'x-forwarded-for': address });

/** An address that nobody else in the test file has. */
export function anyAddress(): string {
  return `2001:db8:${randomBytes(2).toString('hex')}:${randomBytes(2).toString('hex')}::1`;
}

/** An account from an address of its own, so that registering it is never the request too many. */
export const newcomer = (client: Client): Promise<Account> =>
  client.account('user', from(anyAddress()));

/** A cheap request under `api` and `hourlyAnonymous`, as somebody without a token. */
export const knock = (client: Client, headers: Record<string, string>): Promise<Answer<Json>> =>
  client.get('/api/v1/users/nobody', undefined, headers);

/** How many of the requests were let through; anything but an answer of the route or a 429 fails. */
export function passed(answers: { status: number }[], expected = 200): number {
  const others = answers.filter(({ status }) => status !== expected && status !== 429);
  if (others.length > 0) throw new Error(`unexpected: ${others.map((one) => one.status).join()}`);
  return answers.filter(({ status }) => status === expected).length;
}

/** The status that a socket's upgrade is answered with, and its Retry-After. */
export function upgrade(
  client: Client,
  headers: Record<string, string>,
): Promise<{ status: number; retryAfter?: string | undefined }> {
  return new Promise((resolve) => {
    const { socket } = new SocketClient(client.url, headers);
    socket.on('unexpected-response', (_request, response) => {
      resolve({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] });
    });
    socket.on('open', () => {
      socket.close();
      resolve({ status: 101 });
    });
  });
}
