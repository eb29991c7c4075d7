import type { DataSource } from 'typeorm';
import { log } from '../observability/logger.js';

/** Any constant of our own: the advisory lock that all instances of a deployment agree on. */
const LOCK = 7_136_402;

/**
 * Applies pending migrations. Of several instances that start at once one works, the others wait
 * for the lock and find nothing left to do. Even the look whether anything is pending stands behind
 * the lock, because it creates TypeORM's own table.
 */
export async function migrate(dataSource: DataSource): Promise<void> {
  const runner = dataSource.createQueryRunner();
  try {
    await runner.query('SET statement_timeout = 0');
    await runner.query('SELECT pg_advisory_lock($1)', [LOCK]);
    const applied = await dataSource.runMigrations({ transaction: 'each' });
    for (const { name } of applied)
      log.info({ event: 'migration_applied', migration: name }, `applied ${name}`);
  } finally {
    await runner.query('SELECT pg_advisory_unlock($1)', [LOCK]);
    await runner.query('RESET statement_timeout');
    await runner.release();
  }
}
