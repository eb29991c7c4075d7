import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { NoErrorTracker } from '../../src/platform/error-tracking/error-tracker.js';
import { Consumers } from '../../src/platform/messaging/consumer.js';
import { domainEvent, type LoggedEvent } from '../../src/platform/messaging/domain-event.js';
import { Tailer } from '../../src/platform/messaging/tailer.js';
import { eventually } from '../support/client.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { commit, instance, messaging, type Instance } from './support.js';

describe('outbox → event log', () => {
  let test: TestDatabase;
  let one: Instance;
  let two: Instance;
  beforeAll(async () => {
    test = await createDatabase();
  });
  afterAll(() => test.drop());
  beforeEach(async () => {
    await test.pool.query('TRUNCATE platform.outbox, platform.event_log, platform.consumers');
    await test.pool.query('UPDATE platform.event_log_head SET position = 0, pruned_to = 0');
    [one, two] = [await instance(test), await instance(test)];
  });
  afterEach(() => Promise.all([one.lifecycle.stop(), two.lifecycle.stop()]));

  const logged = () => one.events.after(0, 10_000);

  it('gives positions without a gap, with two relays and many writers at once', async () => {
    for (const { relay } of [one, two]) relay.onApplicationBootstrap();
    await Promise.all(
      Array.from({ length: 300 }, (_unused, n) => commit(n % 2 ? one : two, { n })),
    );
    await eventually(async () => expect(await logged()).toHaveLength(300));
    const events = await logged();
    expect(events.map((event) => event.position)).toEqual(events.map((_event, index) => index + 1));
    expect(new Set(events.map((event) => event.data)).size).toBe(300);
    expect((await one.events.head()).position).toBe(300);
  });

  it('keeps the order of changes that follow on each other, whichever process relays them', async () => {
    for (const { relay } of [one, two]) relay.onApplicationBootstrap();
    for (let n = 0; n < 100; n++) await commit(n % 2 ? one : two, { n });
    await eventually(async () => expect(await logged()).toHaveLength(100));
    const order = (await logged()).map((event) => (JSON.parse(event.data) as { n: number }).n);
    expect(order).toEqual(Array.from({ length: 100 }, (_unused, n) => n));
  });

  it('leaves no event of a transaction that was rolled back', async () => {
    one.relay.onApplicationBootstrap();
    const failing = one.database.transaction((tx) => {
      one.outbox.append(
        tx,
        domainEvent({ type: 'never', tenantId: 'default', channels: [], data: {} }),
      );
      return Promise.reject(new Error('changed my mind'));
    });
    await expect(failing).rejects.toThrow('changed my mind');
    await commit(one, { after: true });
    await eventually(async () => expect(await logged()).toHaveLength(1));
    expect((await logged())[0]?.type).toBe('test.happened');
  });

  it('hands on what a process left that was killed between commit and relay', async () => {
    await test.pool.query(
      `INSERT INTO platform.outbox (tenant_id, type, channels, data) VALUES ('default', 'test.happened', '{}', '{}')`,
    );
    two.relay.onApplicationBootstrap();
    await eventually(async () => expect(await logged()).toHaveLength(1));
  });

  it('wakes the other processes: a tailer there sees every event once and in order', async () => {
    const tailer = new Tailer(two.events, two.bus, two.lifecycle, {
      ...messaging,
      relayIntervalMs: 60_000,
    });
    await tailer.onModuleInit();
    const seen: LoggedEvent[] = [];
    tailer.follow((events) => seen.push(...events));
    one.relay.onApplicationBootstrap();
    await Promise.all(Array.from({ length: 50 }, (_unused, n) => commit(one, { n })));
    await eventually(() => Promise.resolve(expect(seen).toHaveLength(50)));
    expect(seen.map((event) => event.position)).toEqual(
      Array.from({ length: 50 }, (_unused, n) => n + 1),
    );
  });

  it('has a bus that comes back when its connection is cut', async () => {
    await test.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'mainstay bus' AND datname = current_database()`,
    );
    const heard: unknown[] = [];
    two.bus.subscribe((message) => heard.push(message));
    await eventually(() => {
      one.bus.publish({ topic: 'events', position: 1 });
      return Promise.resolve(expect(heard).not.toHaveLength(0));
    });
  });

  it('has a bus that says after it was cut that anything may be new', async () => {
    const heard = new Set<string>();
    two.bus.subscribe(({ topic }) => heard.add(topic));
    await test.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'mainstay bus' AND datname = current_database()`,
    );
    await eventually(() =>
      Promise.resolve(expect(heard).toEqual(new Set(['events', 'revocations', 'keys']))),
    );
  });

  it('has a bus that notices when nobody speaks on its connection any more', async () => {
    const { rows } = await test.pool.query<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity WHERE application_name = 'mainstay bus' AND datname = current_database()`,
    );
    rows.forEach(({ pid }) => process.kill(pid, 'SIGSTOP'));
    try {
      const heard: unknown[] = [];
      two.bus.subscribe((message) => {
        if (message.topic === 'cache') heard.push(message.keys);
      });
      await eventually(() => {
        one.bus.tellOthers({ topic: 'cache', cache: 'test', keys: ['changed'] });
        return Promise.resolve(expect(heard).not.toHaveLength(0));
      });
    } finally {
      rows.forEach(({ pid }) => process.kill(pid, 'SIGCONT'));
    }
  });

  it('has a bus that takes no harm from what it does not understand', async () => {
    const heard: number[] = [];
    two.bus.subscribe((message) => {
      if (message.topic === 'events') heard.push(message.position);
    });
    await test.pool.query(`SELECT pg_notify('mainstay', 'no JSON at all')`);
    await test.pool.query(`SELECT pg_notify('mainstay', 'null')`);
    one.bus.publish({ topic: 'events', position: 7 });
    await eventually(() => Promise.resolve(expect(heard).toEqual([7])));
  });

  it('forgets what is older than the history, and knows up to where', async () => {
    one.relay.onApplicationBootstrap();
    await commit(one, { old: true });
    await eventually(async () => expect(await logged()).toHaveLength(1));
    await test.pool.query(`UPDATE platform.event_log SET at = at - interval '25 hours'`);
    await commit(one, { old: false });
    await eventually(async () => expect(await logged()).toHaveLength(2));
    // A consumer that has not seen it yet keeps it.
    await test.pool.query(`INSERT INTO platform.consumers VALUES ('behind', 0)`);
    await one.events.prune(24, 1000);
    expect(await logged()).toHaveLength(2);
    await test.pool.query(`UPDATE platform.consumers SET position = 1`);
    await one.events.prune(24, 1000);
    expect((await logged()).map((event) => event.position)).toEqual([2]);
    expect((await one.events.head()).prunedTo).toBe(1);
  });

  describe('a durable consumer', () => {
    const consumers = ({ database, events, bus, lifecycle }: Instance) =>
      new Consumers(database, events, bus, lifecycle, new NoErrorTracker());

    it('takes each event once, though two processes run it and it fails in between', async () => {
      await test.pool.query('CREATE TABLE IF NOT EXISTS effects (position int)');
      let failures = 3;
      for (const each of [one, two]) {
        each.relay.onApplicationBootstrap();
        await consumers(each).start({
          name: 'test',
          types: ['test.happened'],
          handle: async (tx, events) => {
            for (const { position } of events)
              await tx.client.query('INSERT INTO effects VALUES ($1)', [position]);
            if (failures-- > 0) throw new Error('a bad moment');
          },
        });
      }
      for (let n = 0; n < 40; n++) await commit(one, { n });
      await eventually(async () => {
        const { rows } = await test.pool.query('SELECT position FROM effects ORDER BY position');
        expect(rows.map((row) => row.position)).toEqual(
          Array.from({ length: 40 }, (_unused, n) => n + 1),
        );
      });
      expect(failures).toBeLessThan(0);
    });
  });
});
