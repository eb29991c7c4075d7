import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import pg from 'pg';
import { find, programs } from '../setup/install.ts';
import type { TestDatabase } from './database.js';
import { root } from './process.js';

/** A database whose tables stand on a disk that a test can fill. */
export interface SmallDisk {
  database: TestDatabase;
  fill(): Promise<void>;
  makeRoom(): Promise<void>;
  stop(): Promise<void>;
}

const DISK_BYTES = 32 * 1024 * 1024;
/** The shared memory of a container is a disk of 64 MB unless somebody says otherwise. */
const SHARED_MEMORY = '/dev/shm';
const SMALL_ENOUGH_BYTES = 256 * 1024 * 1024;

/**
 * Starts a PostgreSQL whose database has a tablespace on a small disk; its log and system tables are
 * elsewhere. The disk is a tmpfs that bubblewrap mounts for this server alone, which takes root or
 * user namespaces; where neither is there, as in a container without rights, it is /dev/shm.
 */
export async function startPostgresOnSmallDisk(): Promise<SmallDisk> {
  const folder = mkdtempSync(join(tmpdir(), 'mainstay-disk-'));
  const mounted = join(folder, 'disk');
  mkdirSync(mounted);
  const capable = process.getuid?.() === 0 ? ['--cap-add', 'ALL'] : [];
  const size = ['--size', String(DISK_BYTES), '--tmpfs', mounted];
  const bwrap = [find(programs.bubblewrap) ?? 'bwrap', '--dev-bind', '/', '/', ...capable, ...size];
  let server = await tryServer(bwrap, folder, mounted);
  if (typeof server === 'string' && isSmall(SHARED_MEMORY)) {
    server = await tryServer([], folder, SHARED_MEMORY);
  }
  if (typeof server === 'string') {
    throw new Error(
      `This test needs a small disk, and none could be made: ${server}\n` +
        'Allow user namespaces (sysctl kernel.unprivileged_userns_clone=1), or run the tests in a container with --cap-add SYS_ADMIN or a /dev/shm of at most 256 MB.',
    );
  }
  const { url, end } = server;
  const pool = new pg.Pool({ connectionString: url, max: 4 });
  pool.on('error', () => undefined);
  return {
    database: { url, pool, beforeDrop: () => undefined, drop: () => pool.end() },
    fill: async () => {
      // Nobody tidies up after the insert that fails: that would make room again.
      await pool.query(
        'CREATE TABLE ballast (content text STORAGE PLAIN) WITH (autovacuum_enabled = false)',
      );
      for (const rows of [128, 1]) await fillUp(pool, rows);
    },
    makeRoom: async () => {
      await pool.query('DROP TABLE ballast');
    },
    stop: async () => {
      await end();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Adds rows of most of a page each until there is no room for another. */
async function fillUp(pool: pg.Pool, rows: number): Promise<void> {
  for (;;) {
    try {
      await pool.query(
        `INSERT INTO ballast SELECT repeat('.', 7000) FROM generate_series(1, ${rows})`,
      );
    } catch (error) {
      if ((error as { code?: string }).code === '53100') return; // disk_full
      throw error;
    }
  }
}

function isSmall(folder: string): boolean {
  try {
    const { blocks, bsize } = statfsSync(folder);
    return blocks * bsize <= SMALL_ENOUGH_BYTES;
  } catch {
    return false;
  }
}

interface Server {
  url: string;
  end: () => Promise<void>;
}

/** @returns the server, or what stands against it */
async function tryServer(
  wrapper: string[],
  folder: string,
  disk: string,
): Promise<Server | string> {
  const script = join(root, 'test/support/run-postgres-on-disk.ts');
  const command = [...wrapper, process.execPath, script, folder, disk];
  const child = spawn(command[0] ?? '', command.slice(1), { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  child.on('error', (error) => (said += error.message));
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const exited = new Promise((resolve) => child.once('close', resolve));
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith('postgres://')) continue;
    const end = async (): Promise<void> => {
      child.stdin.end();
      await exited;
    };
    return { url: line, end };
  }
  return said;
}
