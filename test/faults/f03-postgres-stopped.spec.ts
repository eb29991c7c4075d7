import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { SocketClient } from '../../scripts/socket-client.ts';
import { eventually, type Account, type Client } from '../support/client.js';
import { Control } from '../support/control.js';
import { degrades } from '../support/degrades.js';
import { createInstances, type Instances } from '../support/instances.js';
import { startPostgresServer, type PostgresServer } from '../support/postgres-server.js';
import { startProxy, type TcpProxy } from '../support/tcp-proxy.js';

const ANSWERED_WITHIN_MS = 5000;
const SLACK_MS = 250;
const AWAY_MS = 12_000;

interface Timed {
  what: string;
  status: number;
  retryAfter: string | null;
  /** Milliseconds since the epoch. */
  startedAt: number;
  ms: number;
}

describe('PostgreSQL that does not answer', () => {
  let postgres: PostgresServer;
  let proxy: TcpProxy;
  let instances: Instances;
  beforeAll(async () => {
    postgres = await startPostgresServer();
    proxy = await startProxy(postgres.port);
    instances = await createInstances(postgres.database);
  });
  // Hooks of their own: each is done, whatever becomes of the others.
  afterAll(() => instances?.clean());
  afterAll(() => proxy?.stop());
  afterAll(() => postgres?.stop());

  /**
   * One of each kind of request that needs the database, all at once. The session that is refreshed is
   * not ada's: a token that was used up and is sent again after its ten seconds ends it.
   */
  function requests(client: Client, ada: Account, refreshToken: string): Promise<Timed[]> {
    const { email: identifier, password, token } = ada;
    const one = async (
      what: string,
      method: string,
      path: string,
      body?: unknown,
      key?: string,
    ) => {
      const startedAt = Date.now();
      const { status, headers } = await client.call(method, path, {
        token: path.startsWith('/api/v1/auth') ? undefined : token,
        body,
        headers: key === undefined ? {} : { 'idempotency-key': key },
      });
      const ms = Date.now() - startedAt;
      return { what, status, retryAfter: headers.get('retry-after'), startedAt, ms };
    };
    // Of others each time: that something does not exist is remembered as well.
    const [id, name] = [randomUUID(), `nobody_${randomBytes(6).toString('hex')}`];
    return Promise.all([
      one('feed', 'GET', '/api/v1/posts/feed'),
      one('list', 'GET', `/api/v1/posts?author=${ada.username}`),
      one('post', 'GET', `/api/v1/posts/${id}`),
      one('profile', 'GET', `/api/v1/users/${name}`),
      one('me', 'GET', '/api/v1/users/me'),
      one('notifications', 'GET', '/api/v1/realtime/notifications'),
      one('write', 'POST', '/api/v1/posts', { body: 'Lost?' }),
      one('write with a key', 'POST', '/api/v1/posts', { body: 'Lost?' }, `key-${Math.random()}`),
      one('login', 'POST', '/api/v1/auth/login', { identifier, password }),
      one('refresh', 'POST', '/api/v1/auth/refresh', { refreshToken }),
    ]);
  }

  async function outage(silence: () => void, recover: () => Promise<void> | void): Promise<void> {
    const url = new URL(postgres.database.url);
    url.port = String(proxy.port);
    const { app, client } = await instances.start({ DATABASE_URL: url.href });
    const [ada, { refreshToken }] = await Promise.all([
      client.account('ada'),
      client.account('refreshed'),
    ]);
    const socket = await SocketClient.open(client.url, ada.token);
    await socket.subscribe('feed');
    const served = async () =>
      expect(
        (await requests(client, ada, refreshToken)).filter(({ status }) => status >= 500),
      ).toEqual([]);
    await served();
    silence();
    try {
      await isBorne(client, ada, refreshToken);
    } finally {
      await recover();
    }
    await eventually(async () => expect((await client.get('/readyz')).status).toBe(200));
    await served();
    const post = await client.write(ada, 'After the silence.');
    const arrived = async () => (await socket.event('post.created')).data.id as string;
    while ((await arrived()) !== post.id); // behind those that were written before it
    socket.close();
    expect(await app.stop()).toBe(0);
  }

  /** What must hold while the database is silent. */
  async function isBorne(client: Client, ada: Account, refreshToken: string): Promise<void> {
    const silent = Date.now();
    const rounds: Promise<Timed[]>[] = [];
    const probes: Pick<Timed, 'startedAt' | 'ms'>[] = [];
    const control = new Control();
    let unready = Infinity;
    for (let n = 0; Date.now() < silent + AWAY_MS; n++) {
      if (n % 5 === 0) rounds.push(requests(client, ada, refreshToken));
      const startedAt = Date.now();
      expect((await client.get('/healthz')).status).toBe(200);
      probes.push({ startedAt, ms: Date.now() - startedAt });
      const ready = await client.get('/readyz');
      if (ready.status === 503) unready = Math.min(unready, Date.now());
      await pause(200);
    }
    const answers = (await Promise.all(rounds)).flat();
    await control.stop();
    const exceeds = (bound: number) => (one: Pick<Timed, 'startedAt' | 'ms'>) =>
      one.ms > bound + control.worst(one.startedAt, one.startedAt + one.ms);
    const improper = ({ status, retryAfter }: Timed) =>
      status !== 503 || !/^\d+$/.test(retryAfter ?? '');
    expect(probes.filter(exceeds(1000))).toEqual([]);
    expect(unready - silent).toBeLessThan(10_000 + control.worst(silent, unready));
    expect(answers.filter(exceeds(ANSWERED_WITHIN_MS + SLACK_MS))).toEqual([]);
    expect(answers.filter(improper)).toEqual([]);
  }

  degrades(
    {
      id: 'F3',
      dependency: 'PostgreSQL',
      fault: 'stopped: connections stay, and nothing answers',
      works: '`/healthz` within 1 s, sockets stay open; everything by itself when it goes on',
      lost: 'all that needs the database: 503 with `Retry-After` within 5 s',
      seen: '`/readyz` 503 `unavailable` within 10 s',
    },
    () =>
      outage(
        () => postgres.freeze(),
        () => postgres.thaw(),
      ),
  );

  degrades(
    {
      id: 'F3',
      dependency: 'PostgreSQL',
      fault: 'unreachable: the network swallows everything',
      works:
        '`/healthz` within 1 s, sockets stay open; everything by itself when the network is well again',
      lost: 'all that needs the database: 503 with `Retry-After` within 5 s',
      seen: '`/readyz` 503 `unavailable` within 10 s',
    },
    () =>
      outage(
        () => proxy.blackHole(),
        () => proxy.heal(),
      ),
  );
});
