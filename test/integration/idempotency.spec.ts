import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Database } from '../../src/platform/database/database.js';
import { statement } from '../../src/platform/database/statement.js';
import { IdempotencyClaim } from '../../src/platform/idempotency/claim.js';
import { IdempotencyHook } from '../../src/platform/idempotency/idempotency.hook.js';
import {
  runInContext,
  type RequestContext,
} from '../../src/platform/observability/request-context.js';
import { openOn } from './support.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

const insert = statement('test.insertOnce', 'INSERT INTO things (n) VALUES ($1)');

describe('idempotency inside the transaction', () => {
  let test: TestDatabase;
  let database: Database;
  beforeAll(async () => {
    test = await createDatabase();
    await test.pool.query('CREATE TABLE things (n int)');
    database = await openOn(test);
    new IdempotencyHook(database);
  });
  afterAll(() => test.drop());

  /** One request with the key; `work` is what its use case does. */
  async function request(
    key: string,
    work: () => Promise<unknown>,
    { route = 'POST /things', caller = '127.0.0.1' } = {},
  ) {
    const claim = new IdempotencyClaim(key, route, caller, () => ({ n: 1 }));
    const context: RequestContext = {
      requestId: 'r',
      traceId: 't',
      spanId: '',
      startedAt: 0,
      idempotency: claim,
    };
    const result = await runInContext(context, work);
    return { result, replayed: claim.replayed };
  }
  const work = (n: number) =>
    database.transaction(async (tx) => {
      await tx.execute(insert, [n]);
      return { n };
    });
  const count = async () =>
    Number((await test.pool.query('SELECT count(*) FROM things')).rows[0].count);

  it('K3 gives the stored answer to the retry of a request whose answer never arrived', async () => {
    await request('crash', () => work(1)); // committed; the process dies before it answers
    expect(await request('crash', () => work(2))).toEqual({ result: { n: 1 }, replayed: true });
    expect(await count()).toBe(1);
  });

  it('leaves no trace of a request that died before its commit', async () => {
    const before = await count();
    const dying = request('early', () =>
      database.transaction(async (tx) => {
        await tx.execute(insert, [3]);
        await tx.client.query('SELECT pg_terminate_backend(pg_backend_pid())');
      }),
    );
    await expect(dying).rejects.toThrow();
    expect(await request('early', () => work(4))).toEqual({ result: { n: 4 }, replayed: false });
    expect(await count()).toBe(before + 1);
  });

  it('does not hold a connection while it answers «in flight»', async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    let entered: () => void = () => undefined;
    const inside = new Promise<void>((resolve) => (entered = resolve));
    const running = request('slow', () =>
      database.transaction(async (tx) => {
        await tx.execute(insert, [5]);
        entered();
        await held;
        return { n: 5 };
      }),
    );
    await inside;
    for (let n = 0; n < 10; n++) {
      await expect(request('slow', () => work(6))).rejects.toMatchObject({
        code: 'idempotency_in_flight',
      });
    }
    release();
    expect(await running).toEqual({ result: { n: 5 }, replayed: false });
  });

  it('counts only the first transaction of a request', async () => {
    const two = async () => {
      const first = await work(7);
      await work(8);
      return first;
    };
    expect(await request('two', two)).toEqual({ result: { n: 7 }, replayed: false });
    expect((await request('two', () => work(9))).result).toEqual({ n: 7 });
  });

  it('K2 refuses the same key on another route, also with the same body', async () => {
    await request('route', () => work(10));
    await expect(request('route', () => work(11), { route: 'POST /others' })).rejects.toMatchObject(
      { code: 'idempotency_key_reused', status: 422 },
    );
  });

  it('keeps callers without a token apart by their address', async () => {
    await request('anonymous', () => work(12));
    expect(await request('anonymous', () => work(13), { caller: '127.0.0.2' })).toEqual({
      result: { n: 13 },
      replayed: false,
    });
  });

  it('keeps an answer for 24 hours, and no longer', async () => {
    const age = (interval: string) =>
      test.pool.query('UPDATE platform.idempotency SET created_at = now() - $1::interval', [
        interval,
      ]);
    await request('old', () => work(14));
    await age('23 hours 59 minutes');
    expect(await request('old', () => work(15))).toEqual({ result: { n: 14 }, replayed: true });
    await age('24 hours 1 second');
    expect(await request('old', () => work(16))).toEqual({ result: { n: 16 }, replayed: false });
    expect(await request('old', () => work(17))).toEqual({ result: { n: 16 }, replayed: true });
  });
});
