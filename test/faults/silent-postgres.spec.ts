import type { Breakers } from '../../src/platform/resilience/breakers.js';
import { makeBreakers } from '../support/breakers.js';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { Database } from '../../src/platform/database/database.js';
import { databaseConfig } from '../../src/platform/database/database.config.js';
import { openDatabase } from '../../src/platform/database/open-database.js';
import { statement } from '../../src/platform/database/statement.js';
import { eventually } from '../support/client.js';
import { Control } from '../support/control.js';
import { startPostgresServer, type PostgresServer } from '../support/postgres-server.js';

/** What a request waits for at most in the first moments of an outage. */
const HOLD_MS = 2000;
const answer = statement('silent.answer', 'SELECT 42 AS answer');

describe('the watch over PostgreSQL', () => {
  let server: PostgresServer;
  let database: Database;
  let breakers: Breakers;
  let pool: pg.Pool;
  beforeAll(async () => {
    server = await startPostgresServer({
      max_connections: '12',
      superuser_reserved_connections: '0',
      reserved_connections: '0',
    });
    const { url } = server.database;
    pool = new pg.Pool({ connectionString: url, max: 3, connectionTimeoutMillis: 2500 });
    pool.on('error', () => undefined);
    breakers = makeBreakers();
    const config = databaseConfig.schema.parse({ url, pool: { minIdle: 2 } });
    const opened = await openDatabase(pool, config, breakers);
    database = opened.database;
    server.database.beforeDrop(async () => {
      await opened.close();
      await pool.end();
    });
    await database.ping();
  });
  afterAll(() => server.stop());
  const state = () => breakers.find('database')?.report().state;

  it('notices within six seconds that it is silent; everyone who waits gets an error', async () => {
    const control = new Control();
    const frozen = Date.now();
    server.freeze();
    const waiting = Array.from({ length: 6 }, () =>
      database.readFresh(answer).then(
        () => 'answered',
        () => Date.now() - frozen,
      ),
    );
    const work = database
      .transaction((tx) => tx.query(answer))
      .then(
        () => 'committed',
        () => Date.now() - frozen,
      );
    await eventually(() => Promise.resolve(expect(state()).toBe('open')));
    const opened = Date.now();
    expect(opened - frozen).toBeLessThan(6000);
    for (const took of await Promise.all([...waiting, work])) {
      expect(took).toEqual(expect.any(Number));
      expect(took).toBeLessThan(5000 + control.worst(frozen, Date.now()));
    }
    await control.stop();
    const asked = Date.now();
    const held = Math.max(0, opened + HOLD_MS - asked);
    await expect(database.query(answer)).rejects.toMatchObject({ code: 'dependency_unavailable' });
    expect(Date.now() - asked).toBeLessThan(held + 1000);
    server.thaw();
    await eventually(() => Promise.resolve(expect(state()).toBe('closed')));
    expect(await database.query(answer)).toEqual([{ answer: 42 }]);
  });

  it('does not take a server without a connection left for it for a server that is gone', async () => {
    await database.query(answer);
    const others: pg.Client[] = [];
    const observer = new pg.Client({ connectionString: server.database.url });
    await observer.connect();
    const take = async (): Promise<boolean> => {
      const client = new pg.Client({ connectionString: server.database.url });
      try {
        await client.connect();
      } catch {
        return false;
      }
      others.push(client);
      return true;
    };
    while (await take());
    let opened = 0;
    breakers.find('database')?.onOpened(() => opened++);
    // Its own connection is cut, and another client is quicker to take the place.
    await eventually(async () => {
      await observer.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'mainstay watch'`,
      );
      await Promise.all([take(), take(), take()]);
      const { rows } = await observer.query(
        `SELECT pid FROM pg_stat_activity WHERE application_name = 'mainstay watch'`,
      );
      expect(rows).toEqual([]);
    });
    const until = performance.now() + 2500;
    while (performance.now() < until) {
      expect(await database.query(answer)).toEqual([{ answer: 42 }]);
      await database.ping();
    }
    expect(opened).toBe(0);
    await Promise.all([...others, observer].map((client) => client.end()));
  });
});
