import { DataSource } from 'typeorm';
import { databaseTelemetry } from './database.telemetry.js';
import { loggerOf } from '../logging/logger.js';
import { underMigrationLock } from './migration-lock.js';

const log = loggerOf('database');

/**
 * Applies pending migrations. Of several instances that start at once one works, the others wait
 * for the lock and find nothing left to do. Even the look whether anything is pending stands behind
 * the lock, because it creates TypeORM's own table.
 */
export async function migrate(dataSource: DataSource, url: string): Promise<void> {
  await underMigrationLock(url, async () => {
    if (!(await dataSource.showMigrations())) return;
    // The pool's statements are cut after some seconds; a migration may take its time.
    const extra = { max: 2, application_name: 'mainstay migration' };
    const unhurried = await new DataSource({
      ...dataSource.options,
      extra,
    }).initialize();
    const started = performance.now();
    try {
      const applied = await unhurried.runMigrations({ transaction: 'each' });
      for (const { name } of applied) {
        log.info({ event: 'migration_applied', migration: name }, `applied ${name}`);
      }
      databaseTelemetry.migrated((performance.now() - started) / 1000);
    } finally {
      await unhurried.destroy();
    }
  });
}
