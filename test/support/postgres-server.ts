import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { embeddedPostgres } from '../setup/built.ts';
import type { TestDatabase } from './database.js';

/** A PostgreSQL that belongs to one test, which may do to it what it likes. */
export interface PostgresServer {
  port: number;
  /** Its database, empty at first; `drop` only lets go of it. */
  database: TestDatabase;
  /** The postmaster. */
  pid: number;
  /** Stops it as an administrator would (`pg_ctl -m fast`); connections get 57P01. */
  shutDown(): Promise<void>;
  /** SIGKILL for every process of it: nothing is written down any more. */
  kill(): Promise<void>;
  /** Starts it again on the same port and data. */
  start(): Promise<void>;
  /** Down and up again; @returns when it answers. */
  restart(): Promise<void>;
  /** Down, and up again as a standby of nobody: it answers, and takes no writes. */
  demote(): Promise<void>;
  promote(): Promise<void>;
  /** SIGSTOP for every process of it: connections stay, and nothing answers. */
  freeze(): void;
  thaw(): void;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/**
 * @param settings of the server, e.g. `{ max_connections: '20' }`
 * @param folder of its data, a new one when not given
 */
export async function startPostgresServer(
  settings: Record<string, string> = {},
  folder = mkdtempSync(join(tmpdir(), 'mainstay-postgres-')),
): Promise<PostgresServer> {
  const { startEmbeddedPostgres } = await embeddedPostgres();
  const pidFile = join(folder, 'postgres/postmaster.pid');
  const all = { fsync: 'off', full_page_writes: 'off', ...settings };
  const { url } = await startEmbeddedPostgres(folder, all);
  const port = Number(new URL(url).port);
  const postmaster = (): number => Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
  const signal = (name: NodeJS.Signals): void => {
    const parent = postmaster();
    send(parent, name); // first, so that it makes no more children
    for (const child of childrenOf(parent)) send(child, name);
  };
  const pool = new pg.Pool({ connectionString: url, max: 4 });
  pool.on('error', () => undefined); // the test does it, and sees it in its own statements
  let open = true;
  const closers: (() => Promise<void>)[] = [];
  const drop = async (): Promise<void> => {
    for (const close of closers.splice(0)) await close();
    if (open) await pool.end();
    open = false;
  };
  const server: PostgresServer = {
    port,
    database: { url, pool, drop, beforeDrop: (close) => closers.push(close) },
    pid: postmaster(),
    shutDown: async () => {
      send(server.pid, 'SIGINT');
      await until(() => !existsSync(pidFile));
    },
    kill: async () => {
      const processes = [server.pid, ...childrenOf(server.pid)];
      processes.forEach((process) => send(process, 'SIGKILL'));
      await until(() => !processes.some(isRunning));
    },
    start: async () => {
      await startEmbeddedPostgres(folder, { ...all, port: String(port) });
      server.pid = postmaster();
    },
    restart: async () => {
      await server.shutDown();
      await server.start();
    },
    demote: async () => {
      await server.shutDown();
      writeFileSync(join(folder, 'postgres/standby.signal'), '');
      await server.start();
    },
    promote: async () => {
      await pool.query('SELECT pg_promote()');
    },
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    stop: async () => {
      await drop();
      if (existsSync(pidFile)) {
        server.thaw();
        await server.shutDown();
      }
      rmSync(folder, { recursive: true });
    },
  };
  return server;
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // it ended meanwhile
  }
}

function childrenOf(parent: number): number[] {
  return processes()
    .filter((process) => process.parent === parent)
    .map(({ pid }) => pid);
}

/** A zombie waits for its parent to take notice, and runs no more. */
function isRunning(pid: number): boolean {
  return processes().some((process) => process.pid === pid && !process.state.startsWith('Z'));
}

function processes(): { pid: number; parent: number; state: string }[] {
  if (process.platform !== 'linux') {
    const listed = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,state='], { encoding: 'utf8' });
    return listed.split('\n').map((line) => {
      const [pid, parent, state = ''] = line.trim().split(/\s+/);
      return { pid: Number(pid), parent: Number(parent), state };
    });
  }
  // Small images have no `ps`.
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        const [state = '', parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        return [{ pid: Number(name), parent: Number(parent), state }];
      } catch {
        return []; // it ended meanwhile
      }
    });
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('PostgreSQL does not end');
    await pause(20);
  }
}
