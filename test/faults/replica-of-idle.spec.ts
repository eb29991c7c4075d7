import { makeBreakers } from '../support/breakers.js';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { Database } from '../../src/platform/database/database.js';
import { databaseConfig } from '../../src/platform/database/database.config.js';
import { openDatabase } from '../../src/platform/database/open-database.js';
import { statement } from '../../src/platform/database/statement.js';
import { eventually } from '../support/client.js';
import { startPostgresServer, type PostgresServer } from '../support/postgres-server.js';
import { startReplica, type ReplicaServer } from '../support/replica.js';

const isReplica = statement('idle.isReplica', 'SELECT pg_is_in_recovery() AS yes');
const notYetThere = statement('idle.notYetThere', 'SELECT count(*)::int AS n FROM new_table');
const STATEMENT_TIMEOUT_MS = 3000;
const slow = statement('idle.slow', 'SELECT pg_sleep(60)');

describe('a replica of a primary that writes nothing', () => {
  let primary: PostgresServer;
  let replica: ReplicaServer;
  let database: Database;
  beforeAll(async () => {
    primary = await startPostgresServer();
    replica = await startReplica(primary);
    const { url } = primary.database;
    const pool = new pg.Pool({ connectionString: url, statement_timeout: STATEMENT_TIMEOUT_MS });
    pool.on('error', () => undefined);
    const config = databaseConfig.schema.parse({
      url,
      replicaUrls: [replica.database.url],
      // Lag is looked at once a second: with less, one late look would do.
      replicaMaxLagSeconds: 3,
      pool: { minIdle: 0 },
    });
    const breakers = makeBreakers();
    const opened = await openDatabase(pool, config, breakers);
    database = opened.database;
    primary.database.beforeDrop(async () => {
      await opened.close();
      await pool.end();
    });
  });
  afterAll(async () => {
    await primary.stop();
    await replica.stop();
  });
  const takesReads = async () =>
    expect(await database.read<{ yes: boolean }>(isReplica)).toEqual([{ yes: true }]);

  it('takes reads, also behind a switch of the log file', async () => {
    await eventually(takesReads);
    await primary.database.pool.query('SELECT pg_switch_wal()');
    const until = performance.now() + 6000;
    while (performance.now() < until) {
      await takesReads();
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  });

  it('leaves to the primary what it cannot know yet, but not what takes too long', async () => {
    await replica.pauseReplay();
    await primary.database.pool.query('CREATE TABLE new_table (id int)');
    await takesReads();
    expect(await database.read(notYetThere)).toEqual([{ n: 0 }]);
    await replica.resumeReplay();
    await eventually(takesReads);
    const asked = performance.now();
    await expect(database.read(slow)).rejects.toMatchObject({ code: '57014' });
    // Once, and not again at the primary.
    expect(performance.now() - asked).toBeLessThan(1.9 * STATEMENT_TIMEOUT_MS);
  });

  it('takes no reads once it was made a primary', async () => {
    await eventually(takesReads);
    await replica.promote();
    await eventually(() =>
      Promise.resolve(expect(database.replicas?.all[0]?.isHealthy).toBe(false)),
    );
    expect(await database.read(isReplica)).toEqual([{ yes: false }]);
  });
});
