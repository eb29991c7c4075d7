import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from './client.js';
import { createDatabase, type TestDatabase } from './database.js';
import { runApp, type AppProcess } from './process.js';

/** A running process of the application, and a client of it. */
export interface Instance {
  app: AppProcess;
  client: Client;
}

/** Any number of processes of the application on one database, for tests that kill and stop them. */
export interface Instances {
  database: TestDatabase;
  start(env?: Record<string, string>): Promise<Instance>;
  /** Fails while a process holds a connection to the database. */
  clean(): Promise<void>;
}

/** @param given another database than a copy of the template, e.g. on a server of the test's own */
export async function createInstances(given?: TestDatabase): Promise<Instances> {
  const database = given ?? (await createDatabase());
  const folder = mkdtempSync(join(tmpdir(), 'mainstay-test-'));
  return {
    database,
    start: async (env = {}) => {
      const settings = { DATABASE_URL: database.url, MAINSTAY_DATA_DIR: folder, PORT: '0', ...env };
      const app = runApp('main.js', settings);
      const started = await app.log((record) => record.event === 'started');
      return { app, client: new Client(String(started['url'])) };
    },
    clean: async () => {
      await database.drop();
      rmSync(folder, { recursive: true });
    },
  };
}
