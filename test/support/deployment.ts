import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabase, type TestDatabase } from './database.js';
import { AppProcess, freePort, root, run, runApp } from './process.js';

export type Topology = 'single' | 'split';

/** The application as its users meet it: real processes, a real database, one address. */
export interface Deployment {
  url: string;
  database: TestDatabase;
  app: AppProcess;
  /** Stops it; a process that does not end well fails the test. */
  stop(): Promise<void>;
}

declare global {
  // Set by the jest project: the same suite runs in both.
  var topology: Topology | undefined;
}

/** Starts the application in the topology of the jest project, on a database of its own. */
export async function deploy(env: Record<string, string> = {}): Promise<Deployment> {
  const database = await createDatabase();
  const dataDirectory = mkdtempSync(join(tmpdir(), 'mainstay-e2e-'));
  const settings = { DATABASE_URL: database.url, MAINSTAY_DATA_DIR: dataDirectory, ...env };
  const topology = globalThis.topology ?? 'single';
  const app =
    topology === 'split'
      ? await startSplit(settings)
      : runApp('main.js', { ...settings, PORT: '0' });
  const role = topology === 'split' ? 'front' : 'all';
  const started = await app.log(
    (record) => record.event === 'started' && record['role'] === role,
    90_000,
  );
  return {
    url: String(started['url']),
    database,
    app,
    stop: async () => {
      const code = await app.stop();
      await database.drop();
      rmSync(dataDirectory, { recursive: true });
      if (code !== 0) throw new Error(`the application ended with ${code}: ${app.stderr}`);
    },
  };
}

/** The roles as processes of their own behind one front, as `npm run start:split` starts them. */
export async function startSplit(settings: Record<string, string>): Promise<AppProcess> {
  const ports = await Promise.all(Array.from({ length: 6 }, freePort));
  const [auth, posts, realtime, worker, authRpc, postsRpc] = ports.map(String) as [
    string,
    ...string[],
  ];
  return run([join(root, 'scripts/split/start-split.ts')], {
    PORT: '0',
    ...settings,
    AUTH_PORT: auth,
    POSTS_PORT: posts ?? '',
    REALTIME_PORT: realtime ?? '',
    WORKER_PORT: worker ?? '',
    MAINSTAY__RPC__AUTH__PORT: authRpc ?? '',
    MAINSTAY__RPC__POSTS__PORT: postsRpc ?? '',
  });
}
