import pg from 'pg';

/** Any constant of our own: the advisory lock that all instances of a deployment agree on. */
const LOCK = 7_136_402;

/**
 * Runs what must happen once at a start, while all other instances wait: migrations, and the tables of
 * the job queue. On a connection of its own without time limits, however long the others take.
 */
export async function underMigrationLock<T>(url: string, work: () => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, application_name: 'mainstay migration' });
  client.on('error', () => undefined); // whoever waits for the lock gets the error of the query
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [LOCK]);
    return await work();
  } finally {
    await client.end(); // and the lock with it
  }
}
