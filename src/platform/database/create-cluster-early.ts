import { dataDirectory } from '../config/data-directory.js';
import { mayNameDatabase } from '../config/may-name-database.js';
import { createCluster } from './embedded-postgres.js';

/**
 * Begins to make the embedded database, if there is none and nothing says that another one is meant.
 * The start waits for it behind the lock of the folder; what fails here fails there again, and is
 * said there, in its place after the configuration.
 */
export function createClusterEarly(env: NodeJS.ProcessEnv = process.env): void {
  if (env['NODE_ENV'] === 'production' || mayNameDatabase(env)) return;
  createCluster(dataDirectory(env)).catch(() => undefined);
}
