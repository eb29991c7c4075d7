import { randomBytes } from 'node:crypto';
import pg from 'pg';

const TEMPLATE = 'mainstay_template';

/** A database of its own for one test file: a copy of the migrated template. */
export interface TestDatabase {
  url: string;
  pool: pg.Pool;
  /** What must end before the database can be dropped. */
  beforeDrop(close: () => Promise<void>): void;
  drop(): Promise<void>;
}

export async function createDatabase(): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await onServer(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`);
  const url = new URL(serverUrl());
  url.pathname = `/${name}`;
  const pool = new pg.Pool({ connectionString: url.href, max: 4, pipeline: true });
  pool.on('error', () => undefined); // a test that kills connections sees it in its own statements
  const closers: (() => Promise<void>)[] = [];
  return {
    url: url.href,
    pool,
    beforeDrop: (close) => closers.push(close),
    drop: async () => {
      for (const close of closers) await close();
      await pool.end();
      // Without FORCE: a connection that somebody forgot to close fails the test here.
      await dropWhenUnused(name);
    },
  };
}

async function dropWhenUnused(name: string): Promise<void> {
  // The server itself waits five seconds for the others before it refuses: some tries.
  const deadline = Date.now() + 30_000;
  for (;;) {
    try {
      await onServer(`DROP DATABASE ${name}`);
      return;
    } catch (error) {
      // Backends end a moment after their connection does; a leaked one never does.
      if ((error as { code?: string }).code !== '55006') throw error;
      if (Date.now() > deadline) throw new Error(await whoUses(name), { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/** Which connections were left, for whoever looks for them. */
async function whoUses(name: string): Promise<string> {
  const backends = `SELECT backend_type, application_name, state, left(query, 100) AS query FROM pg_stat_activity WHERE datname = $1`;
  return `connections to ${name} were left: ${JSON.stringify(await onServer(backends, [name]))}`;
}

function serverUrl(): string {
  const url = process.env['TEST_DATABASE_URL'];
  if (!url) throw new Error('TEST_DATABASE_URL is not set: run the tests through npm');
  return url;
}

async function onServer(sql: string, values: unknown[] = []): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: serverUrl() });
  await client.connect();
  try {
    return (await client.query(sql, values)).rows;
  } finally {
    await client.end();
  }
}
