import type { Pool } from 'pg';
import { PgBoss } from 'pg-boss';

/** Where pg-boss keeps its tables. */
export const JOBS_SCHEMA = 'jobs';

/** Creates or upgrades the tables of the job queue; pg-boss takes a lock, so several may try at once. */
export async function createJobTables(pool: Pool): Promise<void> {
  const boss = new PgBoss({
    db: { executeSql: (text, values) => pool.query(text, values as unknown[]) },
    schema: JOBS_SCHEMA,
    supervise: false,
    schedule: false,
  });
  await boss.start();
  await boss.stop({ graceful: false });
}
