import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Database } from '../../src/platform/database/database.js';
import { statement } from '../../src/platform/database/statement.js';
import { openOn } from './support.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

const insert = statement('test.insert', 'INSERT INTO things (id) VALUES ($1)');
const fail = statement('test.fail', 'SELECT 1 / $1::int');
const count = statement('test.count', 'SELECT count(*)::int AS n FROM things');

describe('transactions', () => {
  let test: TestDatabase;
  let database: Database;
  beforeAll(async () => {
    test = await createDatabase();
    await test.pool.query('CREATE TABLE things (id int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED)');
    database = await openOn(test);
  });
  afterAll(() => test.drop());
  const things = async () => (await database.query<{ n: number }>(count))[0]?.n;

  it('commit, then do what waits for the commit', async () => {
    const order: string[] = [];
    await database.transaction(async (tx) => {
      tx.onCommitted(() => {
        order.push('committed');
      });
      tx.atCommit(() => {
        order.push('last statement');
        return tx.execute(insert, [2]);
      });
      await tx.execute(insert, [1]);
      order.push('work done');
    });
    expect(order).toEqual(['work done', 'last statement', 'committed']);
    expect(await things()).toBe(2);
  });

  it.each([
    ['the work throws', () => Promise.reject(new Error('no'))],
    ['a statement fails', (tx: Tx) => tx.execute(fail, [0])],
    [
      'a last statement fails',
      (tx: Tx) => Promise.resolve(tx.atCommit(() => tx.execute(fail, [0]))),
    ],
    ['the commit itself fails', (tx: Tx) => tx.execute(insert, [1])],
  ])('keep nothing when %s', async (_what, work) => {
    let committed = false;
    const result = database.transaction(async (tx) => {
      tx.onCommitted(() => {
        committed = true;
      });
      await tx.execute(insert, [100]);
      await work(tx);
    });
    await expect(result).rejects.toThrow();
    expect(committed).toBe(false);
    expect(await things()).toBe(2);
  });

  it('keep nothing when a failed statement is swallowed by the work', async () => {
    const result = database.transaction(async (tx) => {
      await tx.execute(insert, [100]);
      await tx.execute(fail, [0]).catch(() => undefined);
    });
    await expect(result).rejects.toThrow('rolled back');
    expect(await things()).toBe(2);
  });

  it('give their connection back when the server cuts it', async () => {
    const result = database.transaction(async (tx) => {
      await tx.client.query('SELECT pg_terminate_backend(pg_backend_pid())');
    });
    await expect(result).rejects.toThrow();
    await Promise.all(Array.from({ length: 8 }, () => things()));
    expect(test.pool.waitingCount).toBe(0);
    expect(test.pool.totalCount).toBeLessThanOrEqual(4);
  });
});

type Tx = Parameters<Parameters<Database['transaction']>[0]>[0];
