import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, eventually, type Account } from '../support/client.js';
import { Control } from '../support/control.js';
import { degrades } from '../support/degrades.js';
import { startPostgresServer, type PostgresServer } from '../support/postgres-server.js';
import { runApp, type AppProcess } from '../support/process.js';
import { startReplica, type ReplicaServer } from '../support/replica.js';

const MAX_LAG_SECONDS = 4;

describe('read replicas', () => {
  let primary: PostgresServer;
  let replica: ReplicaServer;
  let folder: string;
  const apps: AppProcess[] = [];
  let one: Client;
  let two: Client;
  let ada: Account;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mainstay-replicas-'));
    primary = await startPostgresServer();
    replica = await startReplica(primary);
    one = await start();
    two = await start();
    ada = await one.account('ada');
  });
  afterEach(async () => {
    replica.thaw();
    await replica.resumeReplay().catch(() => undefined);
  });
  afterAll(async () => {
    const codes = await Promise.all(apps.map((app) => app.stop()));
    await replica.stop();
    await primary.stop();
    rmSync(folder, { recursive: true });
    expect(codes).toEqual(apps.map(() => 0));
  });

  async function start(): Promise<Client> {
    const app = runApp('main.js', {
      DATABASE_URL: primary.database.url,
      DATABASE_REPLICA_URLS: replica.database.url,
      MAINSTAY__DATABASE__REPLICAMAXLAGSECONDS: String(MAX_LAG_SECONDS),
      MAINSTAY_DATA_DIR: folder,
      PORT: '0',
    });
    apps.push(app);
    return new Client(String((await app.log((record) => record.event === 'started'))['url']));
  }
  const list = (at: Client, token?: string, headers: Record<string, string> = {}) =>
    at.get(`/api/v1/posts?author=${ada.username}`, token, headers);
  const newest = async (at: Client, token?: string, headers: Record<string, string> = {}) => {
    const answer = await list(at, token, headers);
    expect(answer.status).toBe(200);
    return answer.body.items[0]?.id as string | undefined;
  };
  const readiness = (at: Client, expected: string) =>
    eventually(async () => {
      const { status, body } = await at.get('/readyz');
      expect([status, body.status]).toEqual([200, expected]);
    });
  /** Both take reads from a replica that has everything. */
  async function settled(): Promise<string> {
    const { id } = await one.write(ada, 'Everybody sees this.');
    for (const at of [one, two]) {
      await readiness(at, 'ok');
      await eventually(async () => expect(await newest(at)).toBe(id));
    }
    return id;
  }
  const write = async (at: Client): Promise<{ id: string; token: string }> => {
    const answer = await at.post('/api/v1/posts', { body: 'Just now.' }, ada.token);
    expect(answer.status).toBe(201);
    return { id: answer.body.id, token: String(answer.headers.get('x-consistency-token')) };
  };
  /** Whether it is the replica that answers: it does not show what it has not replayed. */
  async function takesReads(): Promise<void> {
    const before = await settled();
    await replica.pauseReplay();
    const { id } = await write(one);
    expect([await newest(one), await newest(two)]).toEqual([before, before]);
    await replica.resumeReplay();
    for (const at of [one, two]) await eventually(async () => expect(await newest(at)).toBe(id));
  }

  it('take lists', () => takesReads());

  it('show callers their own writes: here by memory, elsewhere by their token', async () => {
    const before = await settled();
    await replica.pauseReplay();
    const { id, token } = await write(one);
    expect(token).toMatch(/^[0-9A-F]+\/[0-9A-F]+$/);
    const asked = performance.now();
    expect(await newest(one, ada.token)).toBe(id);
    expect(await newest(two, undefined, { 'x-consistency-token': token })).toBe(id);
    expect(performance.now() - asked).toBeLessThan(2000);
    expect(await newest(two)).toBe(before);
    expect((await one.get('/api/v1/posts/feed', ada.token)).body.items[0].id).toBe(id);
    await replica.resumeReplay();
    await eventually(async () => expect(await newest(two)).toBe(id));
  });

  it('are waited for by who has a token, when they are only a moment behind', async () => {
    await settled();
    for (let n = 0; n < 20; n++) {
      const { id, token } = await write(one);
      expect(await newest(two, undefined, { 'x-consistency-token': token })).toBe(id);
    }
  });

  it.each(['', 'x', '1/2/3', '0/', '123456789/0', '0/0; SELECT 1'])(
    'refuse the token «%s»',
    async (token) => {
      const answer = await list(one, undefined, { 'x-consistency-token': token });
      expect([answer.status, answer.body.code]).toEqual([400, 'validation_failed']);
      expect(answer.body.errors[0].path).toBe('X-Consistency-Token');
    },
  );

  degrades(
    {
      id: 'F18',
      dependency: 'A read replica',
      fault: 'is further behind than `database.replicaMaxLagSeconds`',
      works: 'everything; its reads go to the others or the primary until it has caught up',
      lost: 'nothing',
      seen: '`/readyz` 200 `degraded`, `db_replica_lag_seconds`',
    },
    async () => {
      await settled();
      await replica.pauseReplay();
      const { id } = await write(one);
      for (const at of [one, two]) {
        await readiness(at, 'degraded');
        expect(await newest(at)).toBe(id);
      }
      const { text } = await one.get('/metrics');
      const lag = /^db_replica_lag_seconds\{[^}]*replica="replica_1"[^}]*\} (.+)$/m.exec(text)?.[1];
      expect(Number(lag)).toBeGreaterThan(MAX_LAG_SECONDS);
      await replica.resumeReplay();
      await takesReads();
    },
  );

  degrades(
    {
      id: 'F17',
      dependency: 'A read replica',
      fault: 'killed, also before an instance starts',
      works: 'everything; its reads go to the others or the primary until it is back',
      lost: 'nothing',
      seen: '`/readyz` 200 `degraded`, `circuit_breaker_state{name="replica_1"}` 2',
    },
    async () => {
      const before = await settled();
      await replica.kill();
      for (let n = 0; n < 20; n++)
        expect([await newest(one), await newest(two)]).toEqual([before, before]);
      const three = await start();
      expect(await newest(three)).toBe(before);
      const { id } = await write(three);
      for (const at of [one, two, three]) {
        await readiness(at, 'degraded');
        expect(await newest(at)).toBe(id);
      }
      await replica.start();
      await readiness(three, 'ok');
      await takesReads();
    },
  );

  it('that fall silent hold nobody up for long', async () => {
    const before = await settled();
    const control = new Control();
    replica.freeze();
    const asked = Date.now();
    expect(await Promise.all([newest(one), newest(two), newest(one)])).toEqual([
      before,
      before,
      before,
    ]);
    const answered = Date.now();
    await control.stop();
    expect(answered - asked).toBeLessThan(5000 + control.worst(asked, answered));
    const again = performance.now();
    expect(await newest(one)).toBe(before);
    expect(performance.now() - again).toBeLessThan(1000);
    await readiness(one, 'degraded');
    replica.thaw();
    await takesReads();
  });
});
