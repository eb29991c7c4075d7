import { dataDirectory } from '../config/data-directory.js';
import { valueOf, type Configuration } from '../config/load-config.js';
import { databaseConfig } from './database.config.js';
import { startEmbeddedPostgres } from './embedded-postgres.js';

/**
 * Without `DATABASE_URL` starts the embedded PostgreSQL and puts its address into the configuration.
 *
 * @returns how to stop it again; does nothing where the database is somebody else's
 */
export async function useEmbeddedDatabase(
  configuration: Configuration,
): Promise<() => Promise<void>> {
  const database = valueOf(configuration, databaseConfig);
  if (database.url) return () => Promise.resolve();
  const server = await startEmbeddedPostgres(dataDirectory());
  database.url = server.url;
  return server.stop;
}
