import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PgBoss } from 'pg-boss';
import { NoErrorTracker } from '../../src/platform/error-tracking/error-tracker.js';
import type { Database } from '../../src/platform/database/database.js';
import { JOBS_SCHEMA } from '../../src/platform/jobs/create-job-tables.js';
import { BATCHES_PATIENCE, inBatches } from '../../src/platform/jobs/in-batches.js';
import { DEAD_LETTERS, Jobs } from '../../src/platform/jobs/jobs.js';
import { Lifecycle } from '../../src/platform/lifecycle/lifecycle.js';
import { eventually } from '../support/client.js';
import { openOn } from './support.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

const config = { pollSeconds: 0.5, retryLimit: 2, expireSeconds: 5 };

describe('jobs', () => {
  let test: TestDatabase;
  let database: Database;
  const lifecycles: Lifecycle[] = [];
  const start = async (works: boolean, expireSeconds = 5): Promise<Jobs> => {
    const lifecycle = new Lifecycle();
    lifecycles.push(lifecycle);
    const jobs = new Jobs(
      database,
      { ...config, expireSeconds },
      lifecycle,
      works,
      new NoErrorTracker(),
    );
    await jobs.onModuleInit();
    return jobs;
  };
  beforeAll(async () => {
    test = await createDatabase();
    database = await openOn(test);
  });
  afterAll(async () => {
    for (const lifecycle of lifecycles) await lifecycle.stop();
    await test.drop();
  });

  it('J1 exist exactly when their transaction commits, and run in whichever process works them', async () => {
    const producer = await start(false);
    await producer.declare('test.mail');
    const failing = database.transaction(async (tx) => {
      await producer.enqueue(tx, 'test.mail', { n: 0 });
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    await database.transaction((tx) => producer.enqueue(tx, 'test.mail', { n: 1 }));
    const done: number[] = [];
    const worker = await start(true);
    await worker.work<{ n: number }>('test.mail', ({ n }) => {
      done.push(n);
      return Promise.resolve();
    });
    await eventually(() => Promise.resolve(expect(done).toEqual([1])));
  });

  it('J3 go to the dead letters after their attempts, and hold nobody up', async () => {
    const worker = await start(true);
    const done: number[] = [];
    await worker.work<{ n: number }>('test.poison', ({ n }) => {
      if (n === 13) return Promise.reject(new Error('poison'));
      done.push(n);
      return Promise.resolve();
    });
    await database.transaction(async (tx) => {
      for (const n of [13, 1, 2]) await worker.enqueue(tx, 'test.poison', { n });
    });
    await eventually(() => Promise.resolve(expect(done.sort((a, b) => a - b)).toEqual([1, 2])));
    await eventually(async () => {
      const { rows } = await test.pool.query('SELECT data FROM jobs.job WHERE name = $1', [
        DEAD_LETTERS,
      ]);
      expect(rows).toEqual([{ data: { data: { n: 13 } } }]);
    });
  });

  it('are forgotten as soon after their end as their queue says', async () => {
    const worker = await start(true);
    await worker.declare('test.private'); // as a version before did
    await worker.declare('test.private', { keepSeconds: 3600 });
    await database.transaction((tx) => worker.enqueue(tx, 'test.private', { n: 1 }));
    const { rows } = await test.pool.query(
      `SELECT deletion_seconds AS seconds FROM jobs.job WHERE name = 'test.private'`,
    );
    expect(rows).toEqual([{ seconds: 3600 }]);
  });

  it('of a queue that takes several at a time do not wait for the clock, nor for one that fails', async () => {
    const worker = await start(true);
    const runs: number[] = [];
    const work = ({ n }: { n: number }): Promise<void> => {
      runs.push(n);
      const isFirst = runs.filter((run) => run === n).length === 1;
      return n % 10 === 3 && isFirst ? Promise.reject(new Error('once')) : Promise.resolve();
    };
    const numbers = Array.from({ length: 60 }, (_, n) => n);
    await worker.declare('test.many');
    await database.transaction(async (tx) => {
      for (const n of numbers) await worker.enqueue(tx, 'test.many', { n });
    });
    await worker.work('test.many', work, { atOnce: 5 });
    // One at a time these would take 30 s.
    await eventually(() => {
      expect([...new Set(runs)].sort((a, b) => a - b)).toEqual(numbers);
      return Promise.resolve();
    });
    // What failed is done again, and nothing else is.
    const repeated = numbers.filter((n) => n % 10 === 3);
    const expected = [...numbers, ...repeated].sort((a, b) => a - b);
    await eventually(() => Promise.resolve(expect(runs.sort((a, b) => a - b)).toEqual(expected)));
  });

  it('J2 that take too long are given up and run again; those of a patient queue go on', async () => {
    const worker = await start(true, 1);
    const runs = { ordinary: 0, patient: 0 };
    const aborted: string[] = [];
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    const patient = async (_data: object, signal: AbortSignal) => {
      runs.patient++;
      signal.addEventListener('abort', () => aborted.push('patient'));
      await released;
    };
    await worker.work('test.patient', patient, BATCHES_PATIENCE);
    await database.transaction((tx) => worker.enqueue(tx, 'test.patient', {}));
    await eventually(() => Promise.resolve(expect(runs.patient).toBe(1)));
    let batches = 0;
    await worker.work('test.ordinary', async (_data: object, signal) => {
      if (++runs.ordinary > 1) return;
      signal.addEventListener('abort', () => aborted.push('ordinary'));
      // What has no end stops when it is given up.
      const endless = inBatches(signal, () => {
        batches++;
        return new Promise((resolve) => setImmediate(() => resolve(1)));
      });
      await expect(endless).rejects.toThrow(/aborted/);
    });
    await database.transaction((tx) => worker.enqueue(tx, 'test.ordinary', {}));
    await eventually(() => Promise.resolve(expect(runs.ordinary).toBe(2)));
    expect(batches).toBeGreaterThan(1);
    expect({ aborted, runs }).toEqual({
      aborted: ['ordinary'],
      runs: { ordinary: 2, patient: 1 },
    });
    release();
    const { pool } = test;
    await eventually(async () => {
      const state = `SELECT state FROM jobs.job WHERE name = 'test.patient'`;
      expect((await pool.query(state)).rows).toEqual([{ state: 'completed' }]);
    });
  });

  it('J2 of a patient queue do not wait for its patience when their process died', async () => {
    const worker = await start(true);
    await worker.declare('test.killed', BATCHES_PATIENCE);
    await database.transaction((tx) => worker.enqueue(tx, 'test.killed', {}));
    const boss = new PgBoss({
      db: { executeSql: (text, values) => test.pool.query(text, values as unknown[]) },
      schema: JOBS_SCHEMA,
      supervise: false,
      schedule: false,
    });
    await boss.start();
    // As a process that took it, and has given no sign of life since.
    expect(await boss.fetch('test.killed')).toHaveLength(1);
    const { rows } = await test.pool.query(
      `UPDATE jobs.job SET heartbeat_on = heartbeat_on - make_interval(secs => heartbeat_seconds + 1)
       WHERE name = 'test.killed' RETURNING heartbeat_seconds AS seconds, state`,
    );
    expect(rows).toEqual([{ seconds: 10, state: 'active' }]);
    let runs = 0;
    await worker.work(
      'test.killed',
      () => Promise.resolve(runs++).then(() => undefined),
      BATCHES_PATIENCE,
    );
    await boss.supervise('test.killed');
    await boss.stop({ graceful: false });
    await eventually(() => Promise.resolve(expect(runs).toBe(1)));
  });
});
