import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { runApp } from '../support/process.js';

/** What has to be said, and done, within five seconds of a start that cannot work. */
const WITHIN_MS = 5000;

describe('a start that cannot work says what is wrong and exits 1 within 5 s', () => {
  let database: TestDatabase;
  let folder: string;
  beforeAll(async () => {
    database = await createDatabase();
    folder = mkdtempSync(join(tmpdir(), 'mainstay-start-'));
  });
  afterAll(async () => {
    await database.drop();
    rmSync(folder, { recursive: true });
  });

  async function failure(env: Record<string, string>): Promise<string> {
    const settings = { DATABASE_URL: database.url, MAINSTAY_DATA_DIR: folder, PORT: '0', ...env };
    const app = runApp('main.js', settings);
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      app.child.kill('SIGKILL');
    }, WITHIN_MS);
    const code = await app.exited;
    clearTimeout(timer);
    expect({ late, code }).toEqual({ late: false, code: 1 });
    return app.stderr;
  }

  it('a port in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    expect(await failure({ PORT: String(port) })).toContain(`Port ${port} is in use`);
    await new Promise((resolve) => server.close(resolve));
  });

  it('a port in use, before an embedded database is started for nothing', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const data = join(folder, 'port');
    expect(
      await failure({ PORT: String(port), DATABASE_URL: '', MAINSTAY_DATA_DIR: data }),
    ).toContain('is in use');
    expect(existsSync(data)).toBe(false);
    await new Promise((resolve) => server.close(resolve));
  });

  it('a data folder that cannot be written', async () => {
    // A file where the folder should be stops root too, whom permissions do not.
    const blocked = join(folder, 'blocked');
    writeFileSync(blocked, '');
    const said = await failure({ DATABASE_URL: '', MAINSTAY_DATA_DIR: join(blocked, 'data') });
    expect(said).toContain(`The data folder ${join(blocked, 'data')} cannot be written`);
    const readOnly = join(folder, 'read-only');
    mkdirSync(readOnly);
    chmodSync(readOnly, 0o555);
    if (process.getuid?.() !== 0) {
      expect(await failure({ DATABASE_URL: '', MAINSTAY_DATA_DIR: readOnly })).toContain(
        'cannot be written',
      );
    }
  });

  it('F13 a configuration with several wrong keys, all of them named, no secret shown', async () => {
    const said = await failure({
      PORT: 'eighty',
      MAINSTAY__DATABASE__POOL__BUDGET: '0',
      MAINSTAY__LOGGING__FORMAT: 'xml',
      MAINSTAY__NO__SUCH_KEY: '1',
      AUTH_KEY_ENCRYPTION_KEY: 'short-secret',
    });
    for (const key of [
      'http.port',
      'database.pool.budget',
      'logging.format',
      'MAINSTAY__NO__SUCH_KEY',
      'auth.keyEncryptionKey',
    ]) {
      expect(said).toContain(key);
    }
    expect(said).toContain('5 problems');
    expect(said).not.toContain('short-secret');
  });

  it('a configuration file that is not YAML, or names what does not exist', async () => {
    const config = join(folder, 'config');
    mkdirSync(config);
    writeFileSync(
      join(config, 'default.yaml'),
      'http:\n  prot: 3000\nhtpp:\n  port: 1\nflags:\n  posts.feed: {}\n',
    );
    const said = await failure({ MAINSTAY_CONFIG_DIR: config });
    expect(said).toContain('htpp: no such section (config/default.yaml)');
    expect(said).toMatch(/http\.prot: no such key; there are .*port.*default\.yaml/);
    expect(said).toMatch(/flags\.posts\.feed: no such key; there are .*posts\.feed-cache/);
    writeFileSync(join(config, 'default.yaml'), 'http: [');
    expect(await failure({ MAINSTAY_CONFIG_DIR: config })).toContain('default.yaml');
  });

  it('production without its secrets, or on the embedded database', async () => {
    const said = await failure({ NODE_ENV: 'production', DATABASE_URL: '' });
    expect(said).toContain('database.url: required in production');
    expect(said).toContain('auth.keyEncryptionKey: required in production');
  });

  it('a database that does not answer, or refuses us', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    expect(await failure({ DATABASE_URL: `postgres://a:b@127.0.0.1:${port}/c` })).toContain(
      'ECONNREFUSED',
    );
    const wrong = new URL(database.url);
    wrong.password = 'wrong';
    const said = await failure({ DATABASE_URL: wrong.href });
    expect(said).toContain('refuses the user or the password');
    expect(said).not.toContain(new URL(database.url).password);
  });
});
