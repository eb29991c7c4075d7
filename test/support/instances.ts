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
  /**
   * Fails where a process holds a connection to the database, or has ended by itself; ends those that
   * a failed test left.
   */
  clean(): Promise<void>;
}

/** @param given another database than a copy of the template, e.g. on a server of the test's own */
export async function createInstances(given?: TestDatabase): Promise<Instances> {
  const database = given ?? (await createDatabase());
  const folder = mkdtempSync(join(tmpdir(), 'mainstay-test-'));
  const started: AppProcess[] = [];
  return {
    database,
    start: async (env = {}) => {
      const settings = { DATABASE_URL: database.url, MAINSTAY_DATA_DIR: folder, PORT: '0', ...env };
      const app = runApp('main.js', settings);
      started.push(app);
      const { url } = await app.log((record) => record.event === 'started');
      return { app, client: new Client(String(url)) };
    },
    clean: async () => {
      const ended = started.flatMap((app) => app.endedByItself ?? []);
      await Promise.all(started.map((app) => app.stop('SIGKILL')));
      await database.drop();
      rmSync(folder, { recursive: true });
      if (ended.length > 0) throw new Error(ended.join('\n'));
    },
  };
}
