import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { find, programs } from '../setup/install.ts';
import { eventually } from './client.js';
import { freePort } from './process.js';
import { startRedisServer, type RedisServer } from './redis-server.js';

/** A master, its replica, and three sentinels that promote it when the master is gone for a second. */
export interface Sentinels {
  /** For REDIS_URL. */
  url: string;
  /** Who is the master, as the sentinels agree on it, and who follows; fails while one is missing. */
  roles(): Promise<{ master: RedisServer; replica: RedisServer }>;
  stop(): Promise<void>;
}

export async function startSentinels(): Promise<Sentinels> {
  const folder = mkdtempSync(join(tmpdir(), 'mainstay-sentinel-'));
  // Without the pause in which a full copy waits for more replicas.
  const first = await startRedisServer(['--repl-diskless-sync-delay', '0']);
  const second = await startRedisServer(['--replicaof', '127.0.0.1', String(first.port)]);
  const ports = [await freePort(), await freePort(), await freePort()];
  const program = find(programs.redis) ?? 'redis-server';
  const sentinels = ports.map((port) => {
    const file = join(folder, `${port}.conf`);
    writeFileSync(
      file,
      [
        `port ${port}`,
        'bind 127.0.0.1',
        `dir ${folder}`,
        `sentinel monitor mymaster 127.0.0.1 ${first.port} 2`,
        'sentinel down-after-milliseconds mymaster 1000',
        'sentinel failover-timeout mymaster 4000',
      ].join('\n'),
    );
    return spawn(program, [file, '--sentinel'], { stdio: 'ignore' });
  });
  const roles = async (): ReturnType<Sentinels['roles']> => {
    const known = await ask(ports, (redis) => redis.call('SENTINEL', 'MASTER', 'mymaster'));
    const all = known.map((answer) => pairs(answer as string[]));
    // They have found each other and the replica, and are of one mind.
    for (const { 'num-other-sentinels': others, 'num-slaves': replicas } of all)
      if (others !== '2' || replicas !== '1') throw new Error('the sentinels are not complete');
    const agreed = new Set(all.map((one) => Number(one['port'])));
    if (agreed.size > 1) throw new Error('the sentinels disagree');
    return agreed.has(first.port)
      ? { master: first, replica: second }
      : { master: second, replica: first };
  };
  const stop = async (): Promise<void> => {
    await Promise.all(
      sentinels.map(async (sentinel) => {
        const exited = once(sentinel, 'exit');
        sentinel.kill('SIGKILL');
        await exited;
      }),
    );
    await Promise.all([first.stop(), second.stop()]);
    rmSync(folder, { recursive: true });
  };
  try {
    await eventually(async () => {
      await roles();
    }, 60_000);
  } catch (error) {
    await stop(); // nobody else could: the run would never end
    throw error;
  }
  const addresses = ports.map((port) => `127.0.0.1:${port}`).join();
  return { url: `redis+sentinel://${addresses}/mymaster`, roles, stop };
}

/** Three masters that share the slots. */
export interface RedisCluster {
  /** For REDIS_URL. */
  url: string;
  nodes: RedisServer[];
  stop(): Promise<void>;
}

export async function startRedisCluster(): Promise<RedisCluster> {
  const cli = find(programs.redisCli);
  if (cli === undefined) throw new Error('a cluster is made by redis-cli, and there is none');
  const folder = mkdtempSync(join(tmpdir(), 'mainstay-cluster-'));
  const nodes: RedisServer[] = [];
  for (let n = 0; n < 3; n++) {
    const file = join(folder, `nodes-${n}.conf`);
    const args = ['--cluster-enabled', 'yes', '--cluster-config-file', file];
    nodes.push(await startRedisServer([...args, '--cluster-node-timeout', '2000']));
  }
  const ports = nodes.map(({ port }) => port);
  const hosts = ports.map((port) => `127.0.0.1:${port}`);
  const stop = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.stop()));
    rmSync(folder, { recursive: true });
  };
  try {
    await promisify(execFile)(cli, ['--cluster', 'create', ...hosts, '--cluster-yes']);
    await eventually(async () => {
      const states = await ask(ports, (redis) => redis.cluster('INFO'));
      if (states.some((state) => !state.includes('cluster_state:ok')))
        throw new Error('the cluster is not ready');
    });
  } catch (error) {
    await stop(); // nobody else could: the run would never end
    throw error;
  }
  return { url: `redis+cluster://${hosts.slice(0, 2).join()}`, nodes, stop }; // the third is found
}

async function ask<T>(ports: number[], question: (redis: Redis) => Promise<T>): Promise<T[]> {
  return Promise.all(
    ports.map(async (port) => {
      const redis = new Redis({ port, host: '127.0.0.1', retryStrategy: () => null });
      redis.on('error', () => undefined); // the question fails as well
      try {
        return await question(redis);
      } finally {
        redis.disconnect();
      }
    }),
  );
}

function pairs(flat: string[]): Record<string, string> {
  return Object.fromEntries(
    flat.flatMap((name, n) => (n % 2 === 0 ? [[name, flat[n + 1] ?? ''] as const] : [])),
  );
}
