import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { dist, embeddedPostgres, root } from './built.ts';
import { startRedis } from './redis.ts';
import { running } from './running.ts';

/** Every test database is a copy of this one. */
const TEMPLATE = 'mainstay_template';

/**
 * Starts what the tests stand on: a real PostgreSQL (from npm) with a migrated template database,
 * and a real Redis. Tests find them in TEST_DATABASE_URL and TEST_REDIS_URL.
 */
export default async function startServices(): Promise<void> {
  if (running.length > 0) return; // projects with a set-up of their own share what runs already
  const folder = mkdtempSync(join(tmpdir(), 'mainstay-test-'));
  running.push(() => Promise.resolve(rmSync(folder, { recursive: true, force: true })));
  // Hundreds of processes load the same modules: compiled once, a start takes 1.3 s of a core instead of 1.9.
  process.env['NODE_COMPILE_CACHE'] = join(folder, 'compiled');
  const { startEmbeddedPostgres } = await embeddedPostgres();
  const server = await startEmbeddedPostgres(folder, {
    // What must survive a killed application is tested; what must survive a power cut is PostgreSQL's.
    ...{ fsync: 'off', full_page_writes: 'off' },
    // Of three files at a time, each with up to four processes that keep ten connections open, and more when busy.
    max_connections: '1000',
  });
  running.push(() => server.stop());
  const template = new URL(server.url);
  template.pathname = `/${TEMPLATE}`;
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  await client.query(`CREATE DATABASE ${TEMPLATE}`);
  await client.end();
  execFileSync(process.execPath, [join(dist, 'app/commands/migrate.js')], {
    cwd: root,
    env: { ...process.env, NODE_ENV: 'test', DATABASE_URL: template.href },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  process.env['LOG_LEVEL'] = 'silent'; // of what runs inside of the tests; processes set their own
  process.env['TEST_DATABASE_URL'] = server.url;
  process.env['TEST_REDIS_URL'] = await startRedis(folder);
}
