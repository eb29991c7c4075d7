import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';

/** Any constant of our own: the advisory lock that all instances of a deployment agree on. */
const LOCK = 7_136_402;

const RETRY_MS = 100;

/**
 * Runs what must happen once at a start, while all other instances wait: migrations, and the tables of
 * the job queue. On a connection of its own without time limits, however long the others take.
 */
export async function underMigrationLock<T>(url: string, work: () => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, application_name: 'mainstay migration' });
  client.on('error', () => undefined); // whoever waits for the lock gets the error of the query
  await client.connect();
  try {
    while (!(await isOurs(client))) await pause(RETRY_MS);
    return await work();
  } finally {
    await client.end(); // and the lock with it
  }
}

/**
 * Asks again and again instead of waiting within the statement: whoever waits so holds a snapshot, and an
 * index that is built CONCURRENTLY waits for every snapshot, hence for those that wait for it.
 */
async function isOurs(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ ours: boolean }>(
    'SELECT pg_try_advisory_lock($1) AS ours',
    [LOCK],
  );
  return rows[0]?.ours ?? false;
}
