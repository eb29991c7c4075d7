import { makeBreakers } from '../support/breakers.js';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Pool, PoolClient } from 'pg';
import { register } from 'prom-client';
import { createDataSource, poolOf } from '../../src/platform/database/data-source.js';
import { databaseConfig } from '../../src/platform/database/database.config.js';
import type { Database } from '../../src/platform/database/database.js';
import { databaseTelemetry } from '../../src/platform/database/database.telemetry.js';
import { openDatabase } from '../../src/platform/database/open-database.js';
import { statement } from '../../src/platform/database/statement.js';
import { toAppError } from '../../src/platform/errors/to-app-error.js';
import { eventually } from '../support/client.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { shortest, timed } from '../support/shortest.js';

const answer = statement('pool.answer', 'SELECT 42 AS answer');
const sleep = statement('pool.sleep', 'SELECT pg_sleep($1)');

describe('the pool', () => {
  let test: TestDatabase;
  const closers: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    test = await createDatabase();
  });
  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
  });
  afterAll(() => test.drop());

  /** As a process has it: TypeORM's pool with everything around it. Two connections, unless more are asked for. */
  async function open(
    pool: object,
    more: object = {},
  ): Promise<{ database: Database; pool: Pool }> {
    const config = databaseConfig.schema.parse({
      url: test.url,
      pool: { budget: 4, minIdle: 0, ...pool },
      ...more,
    });
    const source = createDataSource({ ...config, url: test.url });
    // None is run here; jest loads many modules at once that share others, and stumbles over it.
    await source.setOptions({ migrations: [] }).initialize();
    const breakers = makeBreakers();
    const opened = await openDatabase(poolOf(source), config, breakers);
    closers.push(async () => {
      await opened.close();
      await source.destroy();
    });
    return { database: opened.database, pool: poolOf(source) };
  }
  async function metric(name: string, labels: object = {}): Promise<number> {
    const { values } = (await register.getSingleMetric(name)?.get()) ?? { values: [] };
    const found = values.find((one) =>
      Object.entries(labels).every(([label, value]) => one.labels[label] === value),
    );
    return found?.value ?? 0;
  }
  const connections = (state: string) => metric('db_pool_connections', { pool: 'primary', state });

  it('has its idle connections open from the start', async () => {
    const { pool } = await open({ budget: 20, minIdle: 6 });
    expect([pool.totalCount, pool.idleCount]).toEqual([6, 6]);
    const { rows } = await test.pool.query(
      `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'mainstay'`,
    );
    expect(rows).toEqual([{ n: 6 }]);
    expect(await connections('idle')).toBe(6);
    expect(await connections('max')).toBe(18);
  });

  it('lets so many wait and refuses the rest at once; all who wait are served', async () => {
    const { database, pool } = await open({ maxWaiting: 3 });
    const holders = [await pool.connect(), await pool.connect()];
    const waiting = [1, 2, 3].map(() => database.query(answer));
    await eventually(() => Promise.resolve(expect(pool.waitingCount).toBe(3)));
    expect([await connections('active'), await connections('waiting')]).toEqual([2, 3]);
    const refused = async () => {
      await expect(database.query(answer)).rejects.toMatchObject({
        code: 'overloaded',
        status: 503,
      });
      await expect(database.transaction(() => Promise.resolve())).rejects.toMatchObject({
        code: 'overloaded',
      });
    };
    const took = await shortest(100, () => timed(refused));
    expect(took).toBeLessThanOrEqual(100);
    for (const client of holders) client.release();
    expect(await Promise.all(waiting)).toEqual(Array(3).fill([{ answer: 42 }]));
    expect(await connections('waiting')).toBe(0);
  });

  it('lets nobody wait longer than they may, and opens no breaker for it', async () => {
    const { database, pool } = await open({ connectTimeoutSeconds: 0.2 });
    const holders = [await pool.connect(), await pool.connect()];
    const refused = Array.from({ length: 10 }, () => database.query(answer));
    for (const result of await Promise.allSettled(refused)) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'overloaded' } });
    }
    for (const client of holders) client.release();
    expect(await database.query(answer)).toEqual([{ answer: 42 }]);
    const waits = await register.getSingleMetric('db_pool_wait_seconds')?.get();
    expect(JSON.stringify(waits?.values)).toContain('"pool":"primary"');
  });

  it('reports who keeps a connection, once, by their stack', async () => {
    const leak = jest.spyOn(databaseTelemetry, 'leak');
    const before = await metric('db_pool_leaks_total');
    const { database, pool } = await open({ leakSeconds: 2 });
    const takeAndForget = (): Promise<PoolClient> => database.pool.connect();
    const forgotten = await takeAndForget();
    await database.transaction((tx) => tx.query(sleep, [0.05])); // given back in time
    await eventually(async () => expect(await metric('db_pool_leaks_total')).toBe(before + 1));
    const [held, takenBy] = leak.mock.calls[0] ?? [];
    expect(held).toBeGreaterThanOrEqual(2);
    expect(takenBy?.stack).toContain('takeAndForget');
    await database.query(sleep, [2.5]);
    expect(await metric('db_pool_leaks_total')).toBe(before + 1);
    forgotten.release();
    expect(pool.idleCount).toBe(2);
    leak.mockRestore();
  });

  it('has the server cancel what takes too long, which the caller learns as 503', async () => {
    const { database } = await open({}, { statementTimeoutSeconds: 0.3 });
    const error: unknown = await database.query(sleep, [60]).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: '57014' });
    expect(toAppError(error)).toMatchObject({ code: 'overloaded', status: 503 });
    // The caller hears of it a moment before its backend is idle again.
    await eventually(async () => {
      const { rows } = await test.pool.query(
        `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_sleep%' AND state = 'active' AND pid <> pg_backend_pid()`,
      );
      expect(rows).toEqual([]);
    });
    for (let n = 0; n < 6; n++) await database.query(sleep, [5]).catch(() => undefined);
    expect(await database.query(answer)).toEqual([{ answer: 42 }]);
  });
});
