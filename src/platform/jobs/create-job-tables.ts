import type { Pool } from 'pg';
import { PgBoss } from 'pg-boss';
import { underMigrationLock } from '../database/migration-lock.js';

/** Where pg-boss keeps its tables. */
export const JOBS_SCHEMA = 'jobs';

/** Creates or upgrades the tables of the job queue, one instance at a time. */
export async function createJobTables(url: string, pool: Pool): Promise<void> {
  const boss = new PgBoss({
    db: { executeSql: (text, values) => pool.query(text, values as unknown[]) },
    schema: JOBS_SCHEMA,
    supervise: false,
    schedule: false,
  });
  await underMigrationLock(url, () => boss.start());
  await boss.stop({ graceful: false });
}
