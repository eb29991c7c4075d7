import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { eventually } from '../support/client.js';
import { createInstances, type Instance, type Instances } from '../support/instances.js';
import { root } from '../support/process.js';

/** The table of the operations contract: name → labels. */
const contract: Record<string, string[]> = {
  http_requests_total: ['method', 'route', 'status'],
  http_request_duration_seconds: ['method', 'route', 'status'],
  ws_connections: [],
  ws_messages_total: ['direction', 'op'],
  ws_fanout_seconds: [],
  ws_closed_total: ['code'],
  db_query_duration_seconds: ['repository', 'operation'],
  db_pool_connections: ['pool', 'state'],
  db_pool_wait_seconds: ['pool'],
  db_pool_leaks_total: [],
  cache_requests_total: ['cache', 'level', 'result'],
  cache_hit_ratio: ['cache'],
  cache_evictions_total: ['cache'],
  rate_limit_rejections_total: ['policy'],
  errors_total: ['code'],
  circuit_breaker_state: ['name'],
  circuit_breaker_failures_total: ['name'],
  jobs_total: ['queue', 'result'],
  job_duration_seconds: ['queue'],
  job_queue_depth: ['queue'],
  outbox_lag_seconds: [],
  event_log_position: [],
  posts_created_total: ['kind'],
  notifications_sent_total: ['type', 'channel'],
  user_registrations_total: [],
  logins_total: ['result'],
  searches_total: ['sort'],
  users_active: ['window'],
  backup_last_success_timestamp_seconds: [],
  backup_last_verified_timestamp_seconds: [],
  migration_duration_seconds: [],
  app_info: ['version', 'commit', 'role'],
};

/** Labels that a series may have; each stands for a small fixed set of values. */
const boundedLabels = new Set([
  ...Object.values(contract).flat(),
  ...['check', 'volume', 'replica', 'le'],
]);

const ofTheProcess = /^(nodejs|process)_/;

describe('metrics', () => {
  let instances: Instances;
  let instance: Instance;
  beforeAll(async () => {
    instances = await createInstances();
    instance = await instances.start({ MAINSTAY__AUTH__ACTIVITY_SECONDS: '1' });
  });
  afterAll(() => instances.clean());

  const scrape = async (): Promise<string> => (await instance.client.get<string>('/metrics')).text;
  const series = (text: string): string[] =>
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => line.slice(0, line.lastIndexOf(' ')));

  it('are those of the contract, with exactly its labels', async () => {
    const exposed = new Map(
      [...(await scrape()).matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name = '', type]) => [
        name,
        type,
      ]),
    );
    const documented = new Map(
      [
        ...readFileSync(join(root, 'docs/metrics.md'), 'utf8').matchAll(
          /^\| `(\w+)` \|([^|]*)\|/gm,
        ),
      ].map(([, name = '', labels = '']) => [name, labels.trim().split(', ').filter(Boolean)]),
    );
    for (const [name, labels] of Object.entries(contract)) {
      expect([name, documented.get(name)]).toEqual([name, labels]);
      const type = name.endsWith('_total')
        ? 'counter'
        : /_(duration|wait|fanout)_seconds$/.test(name) && name !== 'migration_duration_seconds'
          ? 'histogram'
          : 'gauge';
      expect([name, exposed.get(name)]).toEqual([name, type]);
    }
    expect([...documented.keys()].sort()).toEqual([...exposed.keys()].sort());
    for (const name of ['nodejs_eventloop_lag_seconds', 'process_cpu_seconds_total'])
      expect(exposed.has(name)).toBe(true);
    for (const [name, labels] of documented) {
      if (!ofTheProcess.test(name))
        expect(labels.filter((label) => !boundedLabels.has(label))).toEqual([]);
    }
  });

  it('grow no label by what callers send', async () => {
    const { client } = instance;
    const ada = await client.account('ada');
    const mark = 'odd0caller';
    const odd = async (round: number): Promise<void> => {
      const id = `${mark}${round}`;
      await client.get(`/${id}`);
      await client.get(`/api/v1/posts/${id}?cursor=${id}`);
      await client.get(`/api/v1/users/${id}`, ada.token);
      await client.call('PROPFIND', `/api/v1/posts/${id}`);
      await client.post('/api/v1/auth/login', { identifier: id, password: id });
      await client.post('/api/v1/posts', { body: id, kind: id }, ada.token);
      await client.get('/healthz', id, { 'x-tenant': id, 'x-request-id': id });
      const socket = new WebSocket(`${client.url.replace('http', 'ws')}/ws`);
      await once(socket, 'message'); // hello
      socket.send(JSON.stringify({ op: id }));
      await once(socket, 'message'); // error
      socket.close(4000 + round, id);
      await once(socket, 'close');
    };
    await odd(0);
    await eventually(async () =>
      expect(await scrape()).toContain('ws_closed_total{code="other"} 1'),
    );
    const before = series(await scrape());
    for (let round = 1; round <= 20; round++) await odd(round);
    await eventually(async () =>
      expect(await scrape()).toMatch(/ws_closed_total\{code="other"\} 21/),
    );
    const after = series(await scrape());
    expect(after.filter((line) => line.includes(mark))).toEqual([]);
    // Kinds of handles come and go with connections; what runs by the clock may come first in between.
    const byItself = /^nodejs_(?:active|gc)|^job|^db_query_duration_seconds/;
    expect(after.filter((line) => !byItself.test(line) && !before.includes(line))).toEqual([]);
  });

  it('count an attempt to log in once, whether it was slowed or not, and nothing else as one', async () => {
    const { app, client } = await instances.start({
      MAINSTAY__LIMITS__ENABLED: 'true',
      MAINSTAY__LIMITS__ACCOUNT__LIMIT: '2',
      ...Object.fromEntries(
        ['AUTH', 'API', 'HOURLY_ANONYMOUS', 'WRITES_ANONYMOUS'].map((policy) => [
          ...[`MAINSTAY__LIMITS__${policy}__LIMIT`, '1000'],
        ]),
      ),
      MAINSTAY__AUTH__REFRESH_GRACE_SECONDS: '0',
    });
    const { username, password, refreshToken } = await client.account('cleo');
    const login = (identifier: string, tried: string) =>
      client.post('/api/v1/auth/login', { identifier, password: tried });
    expect((await login(username, password)).status).toBe(200);
    for (let n = 0; n < 4; n++) expect((await login('nobody', 'wrong')).status).toBe(401);
    const refresh = () => client.post('/api/v1/auth/refresh', { refreshToken });
    expect((await refresh()).status).toBe(200);
    await eventually(async () => expect((await refresh()).status).toBe(401));
    const { text } = await client.get<string>('/metrics');
    expect(text.match(/^logins_total\{.*$/gm)?.sort()).toEqual([
      'logins_total{result="refused"} 4',
      'logins_total{result="success"} 1',
    ]);
    expect(text).toMatch(/^password_attempts_slowed_total 2$/m);
    expect(text).toMatch(/^refresh_tokens_replayed_total 1$/m);
    expect(await app.stop()).toBe(0);
  });

  it('tell how many users are there', async () => {
    const { client } = instance;
    const ben = await client.account('ben');
    await client.get('/api/v1/users/me', ben.token);
    await eventually(async () => {
      expect(await scrape()).toMatch(/^users_active\{window="5m"\} [1-9]/m);
      expect(await scrape()).toMatch(/^users_active\{window="24h"\} [1-9]/m);
    });
  });

  it('are text for who asks for nothing, and OpenMetrics for who asks for that', async () => {
    const openMetrics = 'application/openmetrics-text; version=1.0.0';
    const accept = `${openMetrics},text/plain;version=0.0.4;q=0.5`;
    const open = await instance.client.get<string>('/metrics', undefined, { accept });
    expect(open.headers.get('content-type')).toContain(openMetrics);
    expect(open.text).toMatch(/^# TYPE http_requests counter$/m);
    expect(open.text).toMatch(/^http_requests_total\{/m);
    expect(open.text.endsWith('# EOF\n')).toBe(true);
    const plain = await instance.client.get<string>('/metrics');
    expect(plain.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    expect(plain.text).toMatch(/^# TYPE http_requests_total counter$/m);
  });
});
