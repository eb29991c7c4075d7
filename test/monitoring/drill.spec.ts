import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { startAlerting, type Alerting } from '../support/alerting.js';
import { startAppOnSmallDisk, type AppOnSmallDisk } from '../support/app-on-small-disk.js';
import { Client, eventually, type Account } from '../support/client.js';
import { Drill } from '../support/drill.js';
import { createInstances, type Instance, type Instances } from '../support/instances.js';
import { freePort } from '../support/process.js';
import { ReconnectingSocket } from '../support/reconnecting-socket.js';
import { startTraffic, type SteadyTraffic } from '../support/steady-traffic.js';
import { startProxy, type TcpProxy } from '../support/tcp-proxy.js';

/** Five minutes take ten seconds, which are five scrapes. */
const TIMES = 30;
/** Of each process to the database: more than the 16 requests of the traffic and all that jobs do beside them. */
const CONNECTIONS = 32;
/** A step that does not come is told of by the drill itself, long before. */
jest.setTimeout(600_000);

/**
 * The application runs, with users on it, under the Prometheus and the Alertmanager of
 * infra/monitoring; then one thing after the other is broken. On Linux: it needs a small disk.
 */
(process.platform === 'linux' ? describe : describe.skip)('the alarm drill', () => {
  let instances: Instances;
  let network: TcpProxy;
  let onSmallDisk: AppOnSmallDisk;
  let small: Instance;
  let second: Instance;
  let alerting: Alerting;
  let drill: Drill;
  let traffic: SteadyTraffic;
  let ada: Account;
  let urls: [string, string];
  let env: Record<string, string>;
  const folder = mkdtempSync(join(tmpdir(), 'mainstay-drill-'));
  /** In memory: however full the machine's own disk is, nobody is to be told of it. */
  const roomy = mkdtempSync('/dev/shm/mainstay-drill-');
  const hosts = (of: string[]) => of.map((url) => new URL(url).host);
  const sockets: ReconnectingSocket[] = [];
  const connect = (from: string[]) => sockets.push(new ReconnectingSocket(from, ada.token));
  const allOpen = () =>
    eventually(() => Promise.resolve(expect(sockets.every(({ isOpen }) => isOpen)).toBe(true)));

  beforeAll(async () => {
    instances = await createInstances();
    const database = new URL(instances.database.url);
    network = await startProxy(Number(database.port));
    database.port = String(network.port);
    env = {
      DATABASE_URL: database.href,
      MAINSTAY_DATA_DIR: roomy,
      MAINSTAY__DATABASE__POOL__BUDGET: String(CONNECTIONS + 2),
      MAINSTAY__HEALTH__INTERVAL_SECONDS: '1',
      // The data folders differ, where each would keep a key of its own.
      AUTH_KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    };
    const ports = [await freePort(), await freePort()];
    urls = ports.map((port) => `http://127.0.0.1:${port}`) as [string, string];
    onSmallDisk = startAppOnSmallDisk(folder, { ...env, PORT: String(ports[0]) });
    second = await instances.start({ ...env, PORT: String(ports[1]) });
    small = await instances.start({ ...env, MAINSTAY__HEALTH__MEMORY_LIMIT_BYTES: '150000000' });
    const client = new Client(urls[0]);
    await eventually(async () => expect((await client.get('/readyz')).status).toBe(200), 60_000);
    ada = await client.account('ada');
    traffic = startTraffic(urls, ada);
    for (let n = 0; n < 12; n++) connect([urls[0]]);
    for (let n = 0; n < 18; n++) connect([urls[1], urls[0]]);
    await allOpen();
    alerting = await startAlerting({
      instances: hosts([...urls, small.client.url]),
      times: TIMES,
    });
    drill = new Drill(alerting);
  });

  afterAll(async () => {
    await alerting?.stop();
    await traffic?.stop();
    await Promise.all(sockets.map((socket) => socket.leave()));
    await onSmallDisk?.stop();
    await instances.clean();
    await network.stop();
    for (const used of [folder, roomy]) rmSync(used, { recursive: true });
  });

  const diskFull = {
    alert: 'LowDiskSpace',
    severity: 'P3' as const,
    fault: () => onSmallDisk.fill(0.1),
    repair: () => onSmallDisk.makeRoom(),
  };

  it('HighMemory: a process holds over 80 % of what it may', async () => {
    await drill.play({
      alert: 'HighMemory',
      severity: 'P2',
      // It was started with too little. The disk begins as well: its alert takes twice the time.
      fault: () => drill.begin(diskFull),
      repair: () => alerting.retarget(hosts(urls)),
    });
    expect(await small.app.stop()).toBe(0);
  });

  it('ServiceDown: a process is killed; its sockets find another one', async () => {
    await drill.play({
      alert: 'ServiceDown',
      severity: 'P1',
      fault: () => second.app.stop('SIGKILL'),
      repair: async () => {
        await allOpen();
        second = await instances.start({ ...env, PORT: new URL(urls[1]).port });
      },
    });
  });

  it('LowDiskSpace: the data folder is 90 % full', async () => {
    await drill.see(diskFull);
  });

  it('HighErrorRate: one request in fifty is answered 500', async () => {
    const rename = (from: string, to: string) =>
      instances.database.pool.query(`ALTER TABLE realtime.${from} RENAME TO ${to}`);
    await drill.play({
      alert: 'HighErrorRate',
      severity: 'P2',
      fault: () => rename('notifications', 'lost'),
      repair: () => rename('lost', 'notifications'),
    });
  });

  it('HighLatency: the database answers late', async () => {
    await drill.play({
      alert: 'HighLatency',
      severity: 'P2',
      fault: () => network.latency(300),
      repair: () => network.heal(),
    });
  });

  it('PoolExhausted: a lock holds all connections, and requests wait', async () => {
    let isLocked = true;
    let held: Promise<unknown> | undefined;
    /** Again and again: who waits is refused before Prometheus has looked twice. */
    const reads = async () => {
      while (isLocked) await second.client.get('/api/v1/posts/feed', ada.token);
    };
    const locker = await instances.database.pool.connect();
    await drill.play({
      alert: 'PoolExhausted',
      severity: 'P1',
      fault: async () => {
        await locker.query('BEGIN');
        await locker.query('LOCK TABLE posts.posts');
        held = Promise.all(Array.from({ length: CONNECTIONS + 12 }, reads));
      },
      repair: async () => {
        isLocked = false;
        await locker.query('ROLLBACK');
        locker.release();
        await held;
      },
    });
  });

  it('SocketDrop: most users are gone at once', async () => {
    await drill.play({
      alert: 'SocketDrop',
      severity: 'P2',
      fault: () => Promise.all(sockets.splice(10).map((gone) => gone.leave())),
      repair: async () => {
        for (let n = 0; n < 20; n++) connect(urls);
        await allOpen();
      },
    });
  });

  it('has told of nothing else', () => {
    expect(drill.alertsTold).toEqual([
      ...['HighErrorRate', 'HighLatency', 'HighMemory', 'LowDiskSpace', 'PoolExhausted'],
      ...['ServiceDown', 'SocketDrop'],
    ]);
  });
});
