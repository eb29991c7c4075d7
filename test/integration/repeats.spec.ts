import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Socket } from 'node:net';
import type { Database } from '../../src/platform/database/database.js';
import { statement } from '../../src/platform/database/statement.js';
import { IdempotencyClaim } from '../../src/platform/idempotency/claim.js';
import { platformErrors } from '../../src/platform/errors/platform.errors.js';
import { IdempotencyHook } from '../../src/platform/idempotency/idempotency.hook.js';
import { sha256 } from '../../src/platform/idempotency/sealed-answer.js';
import { runInContext } from '../../src/platform/observability/request-context.js';
import { eventually } from '../support/client.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { openOn } from './support.js';

type Tx = Parameters<Parameters<Database['transaction']>[0]>[0];

const add = statement('repeats.add', 'INSERT INTO things (name) VALUES ($1)');
const raise = statement('repeats.raise', 'SELECT raise_with($1)');
const cut = statement('repeats.cut', 'SELECT pg_terminate_backend(pg_backend_pid())');
const change = statement('repeats.change', 'UPDATE counters SET n = n + 1 WHERE id = $1');

describe('transactions are repeated', () => {
  let test: TestDatabase;
  let database: Database;
  beforeAll(async () => {
    test = await createDatabase();
    await test.pool.query(`
      CREATE TABLE things (name text);
      CREATE TABLE counters (id int PRIMARY KEY, n int NOT NULL);
      INSERT INTO counters VALUES (1, 0), (2, 0);
      CREATE FUNCTION raise_with(code text) RETURNS int LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'as asked' USING ERRCODE = code; END $$`);
    database = await openOn(test);
    new IdempotencyHook(database);
  });
  beforeEach(() => test.pool.query('TRUNCATE things'));
  afterAll(() => test.drop());

  const names = async () =>
    (await test.pool.query<{ name: string }>('SELECT name FROM things')).rows.map(
      ({ name }) => name,
    );
  const withKey = <T>(key: string, work: () => Promise<T>): Promise<T> =>
    runInContext(
      {
        requestId: 'r',
        traceId: '',
        spanId: '',
        startedAt: 0,
        idempotency: new IdempotencyClaim(key, 'POST /x', '::1', () => ({ a: 1 })),
      },
      work,
    );

  /** The COMMIT arrives, and its answer does not. */
  const loseTheAnswer = (tx: Tx, name: string): void =>
    tx.atCommit(async () => {
      const { stream } = (tx.client as unknown as { connection: { stream: Socket } }).connection;
      stream.pause();
      void eventually(async () => expect(await names()).toContain(name)).then(() =>
        stream.destroy(),
      );
      await Promise.resolve();
    });

  it.each(['40001', '40P01'])('three times after %s, and then fail', async (code) => {
    let runs = 0;
    const result = database.transaction(async (tx) => {
      runs++;
      await tx.execute(raise, [code]);
    });
    await expect(result).rejects.toMatchObject({ code });
    expect(runs).toBe(4);
  });

  it('after a real deadlock, and both are done', async () => {
    let runs = 0;
    const both = (first: number, second: number) =>
      database.transaction(async (tx) => {
        runs++;
        await tx.execute(change, [first]);
        await eventually(() => Promise.resolve(expect(runs).toBeGreaterThanOrEqual(2)));
        await tx.execute(change, [second]);
      });
    await Promise.all([both(1, 2), both(2, 1)]);
    expect(runs).toBe(3);
    const { rows } = await test.pool.query('SELECT n FROM counters ORDER BY id');
    expect(rows).toEqual([{ n: 2 }, { n: 2 }]);
  });

  it('after a connection that was lost before the commit', async () => {
    let runs = 0;
    await database.transaction(async (tx) => {
      await tx.execute(add, ['once']);
      if (++runs === 1) await tx.execute(cut);
    });
    expect([runs, await names()]).toEqual([2, ['once']]);
  });

  it('never after a connection that was lost behind the commit', async () => {
    let runs = 0;
    const result = database.transaction(async (tx) => {
      runs++;
      await tx.execute(add, ['unsure']);
      loseTheAnswer(tx, 'unsure');
    });
    await expect(result).rejects.toThrow();
    expect([runs, await names()]).toEqual([1, ['unsure']]);
  });

  it('never so, but what waited for the commit is done: caches may hold what is old by now', async () => {
    const done: string[] = [];
    const unsure = (name: string) =>
      database.transaction(async (tx) => {
        await tx.execute(add, [name]);
        tx.onCommitted(() => void done.push(name));
        loseTheAnswer(tx, name);
      });
    await expect(unsure('open')).rejects.toThrow();
    const rolledBack = database.transaction(async (tx) => {
      tx.onCommitted(() => void done.push('never'));
      await tx.execute(raise, ['23505']);
    });
    await expect(rolledBack).rejects.toThrow();
    expect(done).toEqual(['open']);
  });

  it('even then with an idempotency key, which finds what was committed', async () => {
    let runs = 0;
    const result = await withKey('lost-answer', () =>
      database.transaction(async (tx) => {
        runs++;
        await tx.execute(add, ['keyed']);
        if (runs === 1) loseTheAnswer(tx, 'keyed');
        return { run: runs };
      }),
    );
    expect([runs, result, await names()]).toEqual([1, { run: 1 }, ['keyed']]);
  });

  it('but not a second transaction of the same request, which no key protects', async () => {
    let runs = 0;
    const result = withKey('two-transactions', async () => {
      await database.transaction((tx) => tx.execute(add, ['first']));
      await database.transaction(async (tx) => {
        runs++;
        await tx.execute(add, ['second']);
        loseTheAnswer(tx, 'second');
      });
    });
    await expect(result).rejects.toThrow();
    expect([runs, await names()]).toEqual([1, ['first', 'second']]);
  });

  it('by whoever called, with the claim of their key: what failed was no answer', async () => {
    let runs = 0;
    const once = () =>
      database.transaction(async (tx) => {
        await tx.execute(add, ['anew']);
        if (++runs === 1) throw new Error('something has changed meanwhile');
        return { run: runs };
      });
    const work = () => once().catch(once);
    expect(await withKey('begun anew', work)).toEqual({ run: 2 });
    expect(await withKey('begun anew', work)).toEqual({ run: 2 });
    expect([runs, await names()]).toEqual([2, ['anew']]);
  });

  it('but not with the claim of a key whose answer is a refusal', async () => {
    const refused = withKey('refused', async () => {
      const refusal = database.transaction(() => Promise.reject(platformErrors.forbidden()));
      await expect(refusal).rejects.toMatchObject({ code: 'forbidden' });
      await database.transaction((tx) => tx.execute(add, ['noted']));
    });
    await refused;
    const { rows } = await test.pool.query('SELECT 1 FROM platform.idempotency WHERE id = $1', [
      sha256('::1', 'refused'),
    ]);
    expect(rows).toEqual([]);
  });

  it('with the claim of their key: a repeat stores the answer as the first run would have', async () => {
    let runs = 0;
    const work = () =>
      database.transaction(async (tx) => {
        await tx.execute(add, ['counted']);
        if (++runs === 1) await tx.execute(raise, ['40001']);
        return { run: runs };
      });
    expect(await withKey('stored', work)).toEqual({ run: 2 });
    expect(await withKey('stored', work)).toEqual({ run: 2 });
    expect([runs, await names()]).toEqual([2, ['counted']]);
  });
});
