import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { startPostgresServer, type PostgresServer } from './postgres-server.js';

/** A server that follows another one, and how far it replays what it gets is the test's to say. */
export interface ReplicaServer extends PostgresServer {
  /** It goes on receiving, and shows nothing new. */
  pauseReplay(): Promise<void>;
  resumeReplay(): Promise<void>;
}

/** A streaming replica of a running server, from a backup of its folder: no `pg_basebackup` comes with the package. */
export async function startReplica(primary: PostgresServer): Promise<ReplicaServer> {
  const folder = mkdtempSync(join(tmpdir(), 'mainstay-replica-'));
  await copyServer(primary, folder);
  const server = await startPostgresServer({}, folder);
  const run = async (sql: string): Promise<void> => {
    await server.database.pool.query(sql);
  };
  return Object.assign(server, {
    pauseReplay: () => run('SELECT pg_wal_replay_pause()'),
    resumeReplay: () => run('SELECT pg_wal_replay_resume()'),
  });
}

async function copyServer(primary: PostgresServer, folder: string): Promise<void> {
  const client = new pg.Client({ connectionString: primary.database.url });
  await client.connect();
  try {
    const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory');
    const source = rows[0]?.data_directory ?? '';
    const copy = join(folder, 'postgres');
    await client.query(`SELECT pg_backup_start('replica', fast => true)`);
    execFileSync('cp', ['-a', source, copy]); // with its owners, which the server insists on
    const { rows: stopped } = await client.query<{ labelfile: string }>(
      'SELECT labelfile FROM pg_backup_stop(wait_for_archive => false)',
    );
    for (const name of ['postmaster.pid', 'postmaster.opts']) rmSync(join(copy, name));
    for (const name of readdirSync(join(copy, 'pg_wal')))
      if (/^[0-9A-F]{24}/.test(name)) rmSync(join(copy, 'pg_wal', name)); // it comes by the stream
    mkdirSync(join(copy, 'pg_wal/archive_status'), { recursive: true });
    const { hostname, port, username, password } = new URL(primary.database.url);
    write(copy, 'backup_label', stopped[0]?.labelfile ?? '');
    write(copy, 'standby.signal', '');
    write(
      copy,
      'postgresql.auto.conf',
      `primary_conninfo = 'host=${hostname} port=${port} user=${username} password=${password}'\n`,
    );
    copyFileSync(join(dirname(source), 'postgres.password'), join(folder, 'postgres.password'));
  } finally {
    await client.end();
  }
}

/** A file that belongs to whom the folder belongs to. */
function write(folder: string, name: string, text: string): void {
  writeFileSync(join(folder, name), text);
  execFileSync('chown', ['--reference', folder, join(folder, name)]);
}
