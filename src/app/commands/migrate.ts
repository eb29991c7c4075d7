/** `npm run migrate`: brings the database of DATABASE_URL (or the embedded one) up to date, and ends. */
import '../preflight.js';
import 'reflect-metadata';
import { loadConfig, valueOf } from '../../platform/config/load-config.js';
import { version } from '../../platform/config/version.js';
import { createDataSource, poolOf } from '../../platform/database/data-source.js';
import { databaseConfig } from '../../platform/database/database.config.js';
import { migrate } from '../../platform/database/migrate.js';
import { useDatabase } from '../../platform/database/use-database.js';
import { createJobTables } from '../../platform/jobs/create-job-tables.js';
import { configureLogger, flushLogs, loggerOf } from '../../platform/logging/logger.js';
import { loggingConfig } from '../../platform/logging/logging.config.js';
import { exitWithReason } from '../exit-with-reason.js';
import '../every-section.js';

const log = loggerOf('app');

try {
  const configuration = loadConfig();
  configureLogger(valueOf(configuration, loggingConfig), { role: 'migrate', version });
  const stopDatabase = await useDatabase(configuration);
  const database = valueOf(configuration, databaseConfig);
  const dataSource = await createDataSource(database).initialize();
  await migrate(dataSource, database.url ?? '');
  await createJobTables(database.url ?? '', poolOf(dataSource));
  await dataSource.destroy();
  await stopDatabase();
  log.info({ event: 'migrated' }, 'the database is up to date');
  await flushLogs();
} catch (error) {
  await exitWithReason(error);
}
