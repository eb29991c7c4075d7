import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NoErrorTracker } from '../../src/platform/error-tracking/error-tracker.js';
import type { Database } from '../../src/platform/database/database.js';
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
  const start = async (works: boolean): Promise<Jobs> => {
    const lifecycle = new Lifecycle();
    lifecycles.push(lifecycle);
    const jobs = new Jobs(database, config, lifecycle, works, new NoErrorTracker());
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
    }, 25_000);
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
});
