import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { built } from '../scripts/seed/built.ts';
import type { Cleanup } from './cleanup.ts';

const run = promisify(execFile);

/** How much data the servers work on. */
export const DATA = { users: 2000, posts: 50_000, follows: 80_000 };

export interface TokenHolder {
  userId: string;
  username: string;
  token: string;
}

/** A database of its own, seeded, and who may call. */
export interface Stage {
  folder: string;
  databaseUrl: string;
  serverVersion: string;
  database: pg.Client;
  holders: TokenHolder[];
  password: string;
}

/** PostgreSQL in a temporary folder, with the settings of a fresh install; it is gone afterwards. */
export async function setStage(cleanup: Cleanup): Promise<Stage> {
  const { startEmbeddedPostgres } = await built<
    typeof import('../src/platform/database/embedded-postgres.ts')
  >('platform/database/embedded-postgres.js');
  const folder = await mkdtemp(join(tmpdir(), 'mainstay-bench-'));
  cleanup.add(() => rm(folder, { recursive: true, force: true }));
  const server = await startEmbeddedPostgres(folder);
  cleanup.add(() => server.stop());
  const tokens = join(folder, 'tokens.jsonl');
  const password = await seed(folder, server.url, tokens);

  const database = new pg.Client({ connectionString: server.url });
  database.on('error', () => undefined); // reported by the query that fails
  await database.connect();
  cleanup.add(() => database.end());
  const { rows } = await database.query<{ server_version: string }>('SHOW server_version');
  const holders = (await readFile(tokens, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as TokenHolder);
  return {
    folder,
    databaseUrl: server.url,
    serverVersion: rows[0]?.server_version ?? 'unknown',
    database,
    holders,
    password,
  };
}

/** @returns the password that all seeded accounts share */
async function seed(folder: string, databaseUrl: string, tokens: string): Promise<string> {
  const script = join(import.meta.dirname, '../scripts/seed/seed.ts');
  const plan = Object.entries(DATA).flatMap(([name, count]) => [`--${name}`, String(count)]);
  const { stdout } = await run(process.execPath, [script, ...plan, '--tokens', tokens], {
    env: { ...process.env, DATABASE_URL: databaseUrl, MAINSTAY_DATA_DIR: folder },
  });
  const password = /password of all\s+(\S+)/.exec(stdout)?.[1];
  if (password === undefined) throw new Error(`the seed printed no password:\n${stdout}`);
  return password;
}
