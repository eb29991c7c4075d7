import pg from 'pg';
import { dataDirectory } from '../config/data-directory.js';
import { valueOf, type Configuration } from '../config/load-config.js';
import { databaseConfig } from './database.config.js';
import { startEmbeddedPostgres } from './embedded-postgres.js';

/**
 * Makes sure that there is a database: the one of `DATABASE_URL`, which must answer, or the embedded
 * PostgreSQL, whose address goes into the configuration.
 *
 * @returns how to stop it again; does nothing where the database is somebody else's
 * @throws the driver's error at once when the given database does not answer, before anything else
 *   is loaded and tried again
 */
export async function useDatabase(configuration: Configuration): Promise<() => Promise<void>> {
  const database = valueOf(configuration, databaseConfig);
  if (database.url) {
    const client = new pg.Client({
      connectionString: database.url,
      connectionTimeoutMillis: database.pool.connectTimeoutSeconds * 1000,
    });
    await client.connect();
    await client.end();
    return () => Promise.resolve();
  }
  const server = await startEmbeddedPostgres(dataDirectory());
  database.url = server.url;
  return server.stop;
}
