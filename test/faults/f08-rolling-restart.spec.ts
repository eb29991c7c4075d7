import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, type Account, Client } from '../support/client.js';
import { degrades } from '../support/degrades.js';
import { FaithfulReader } from '../support/faithful-reader.js';
import { startHaproxy, type LoadBalancer } from '../support/haproxy.js';
import { createInstances, type Instance, type Instances } from '../support/instances.js';
import { Load } from '../support/load.js';
import { freePort } from '../support/process.js';
import { succeeded } from '../support/sample.js';

const SOCKETS = 6;
const settings = {
  REPLICAS: '3',
  MAINSTAY__LIFECYCLE__ENDPOINT_DELAY_SECONDS: '1',
  MAINSTAY__REALTIME__DRAIN_SPREAD_MS: '1000',
};

describe('three instances behind a load balancer', () => {
  let instances: Instances;
  let ports: [number, number, number];
  let running: Instance[];
  let balancer: LoadBalancer;
  const start = (port: number) => instances.start({ ...settings, PORT: String(port) });
  beforeAll(async () => {
    instances = await createInstances();
    ports = [await freePort(), await freePort(), await freePort()];
    running = await Promise.all(ports.map(start));
    balancer = await startHaproxy(ports);
  });
  // Hooks of their own: each is done, whatever becomes of the others.
  afterAll(() => balancer?.stop());
  afterAll(() => instances?.clean());

  it.each([
    '/metrics',
    '/%6detrics',
    '/healthz/ready',
    '/%68ealthz/ready',
    '/readyz',
    '/%6fps/breakers',
    '/console',
    '/%63onsole/snapshot',
    '//metrics',
  ])('F8 the load balancer keeps %s to those who are inside', async (path) => {
    const inside = running[0]?.client as Client;
    const { status, text } = await new Client(balancer.url).get<string>(path);
    expect([status, text]).toEqual([404, '']); // an instance would have said more
    expect((await inside.get('/metrics')).status).toBe(200);
  });

  it.each(['/verify-email', '/reset-password', '/link-pages/link-page.js'])(
    'F8 the load balancer hands %s on, where links in mails lead',
    async (path) => {
      expect((await new Client(balancer.url).get(path)).status).toBe(200);
    },
  );

  it('F8 the load balancer hands no internal key on', async () => {
    const headers = { 'x-internal-key': 'a key that is not the right one, if it arrives' };
    const inside = running[0]?.client as Client;
    expect((await inside.get('/api/v1/posts', undefined, headers)).status).toBe(401);
    const through = await new Client(balancer.url).get('/api/v1/posts', undefined, headers);
    expect(through.status).toBe(200);
  });

  degrades(
    {
      id: 'F8',
      dependency: 'An instance',
      fault: 'restarted, one after the other (a deployment)',
      works:
        'everything: no request fails; sockets move to another instance and resume without loss',
      lost: 'nothing',
      seen: '`/readyz` 503 `draining`, socket frame `draining` and close code 1012',
    },
    async () => {
      const client = new Client(balancer.url);
      const readers: FaithfulReader[] = [];
      const before = async (authors: Account[]) => {
        const ada = await client.account('ada');
        for (const author of authors) await client.follow(ada, author);
        for (let n = 0; n < SOCKETS; n++)
          readers.push(await FaithfulReader.open(balancer.url, ada.token));
      };
      const roll = async (load: Load) => {
        await load.goesOnAfter(Date.now() + 1000);
        for (const [n, port] of ports.entries()) {
          expect(await running[n]?.app.stop('SIGTERM')).toBe(0);
          running[n] = await start(port);
          await eventually(() => isUp(n));
        }
        await load.goesOnAfter(Date.now() + 1000);
      };
      const load = await Load.during(balancer.url, roll, { before, keyless: true });
      expect(load.samples.filter((sample) => !succeeded(sample))).toEqual([]);
      expect(await load.verify(instances.database.pool)).toEqual({ lost: [], doubled: [] });
      for (const reader of readers) {
        await reader.hasSeen(load.written.map(({ id }) => id));
        await reader.close();
      }
      // Every socket was on an instance that went, and was told so.
      const codes = readers.map((reader) => new Set(reader.codes));
      expect(codes).toEqual(Array.from({ length: SOCKETS }, () => new Set([1012])));
      for (const { app } of running) expect(await app.stop()).toBe(0);
    },
  );

  /** The load balancer has taken the instance back, after it had lost it. */
  async function isUp(n: number): Promise<void> {
    const name = ['one', 'two', 'three'][n];
    const said = balancer.output().match(new RegExp(`instances/${name} is (UP|DOWN)`, 'g'));
    expect(said?.at(-1)).toBe(`instances/${name} is UP`);
    await Promise.resolve();
  }
});
