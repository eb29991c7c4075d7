/**
 * Runs an embedded PostgreSQL under `<folder>` with a database on `<disk>`, prints its address, and
 * stops it when its input ends. A process of its own, since the disk may be there for it alone.
 */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { dist, embeddedPostgres } from '../setup/built.ts';

const [folder = '', disk = ''] = process.argv.slice(2);
const { startEmbeddedPostgres } = await embeddedPostgres();
const { giveToServerUser } = (await import(
  join(dist, 'platform/database/server-user.js')
)) as typeof import('../../src/platform/database/server-user.js');

const server = await startEmbeddedPostgres(folder, { fsync: 'off', full_page_writes: 'off' });
const space = mkdtempSync(join(disk, 'mainstay-'));
giveToServerUser(space);
const client = new pg.Client({ connectionString: server.url });
await client.connect();
await client.query(`CREATE TABLESPACE small LOCATION '${space}'`);
await client.query('CREATE DATABASE small TABLESPACE small');
await client.end();
const url = new URL(server.url);
url.pathname = '/small';
process.stdout.write(`${url.href}\n`);

process.stdin.resume();
await once(process.stdin, 'end');
await server.stop();
rmSync(space, { recursive: true, force: true });
