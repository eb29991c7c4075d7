import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/client.js';
import { failedStart } from '../support/failed-start.js';
import { createInstances, type Instances } from '../support/instances.js';
import { runApp, type AppProcess } from '../support/process.js';

describe('a start that cannot work says what is wrong and exits 1', () => {
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

  const failure = (env: Record<string, string>) =>
    failedStart({ DATABASE_URL: database.url, MAINSTAY_DATA_DIR: folder, ...env });

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

  it('a database that has no connection left', async () => {
    const { pool } = database;
    const role = `full_${Date.now()}`;
    await pool.query(`CREATE ROLE ${role} LOGIN PASSWORD 'x' CONNECTION LIMIT 0`);
    const full = Object.assign(new URL(database.url), { username: role, password: 'x' });
    expect(await failure({ DATABASE_URL: full.href })).toContain('no connection left');
    await pool.query(`DROP ROLE ${role}`);
  });
});

describe('a start', () => {
  let instances: Instances;
  let folder: string;
  beforeAll(async () => {
    instances = await createInstances();
    folder = mkdtempSync(join(tmpdir(), 'mainstay-start-'));
  });
  afterAll(async () => {
    await instances.clean();
    rmSync(folder, { recursive: true });
  });

  const last = 'Try it in another terminal';
  const told = (app: AppProcess) =>
    eventually(async () => expect(await Promise.resolve(app.stderr)).toContain(last));
  const start = (format: string) =>
    runApp('main.js', {
      ...{ DATABASE_URL: instances.database.url, MAINSTAY_DATA_DIR: folder, PORT: '0' },
      LOG_FORMAT: format,
    });
  const printed = async (env: Record<string, string>) => {
    const { app, client } = await instances.start({ MAINSTAY_DATA_DIR: folder, ...env });
    await told(app);
    expect(await app.stop()).toBe(0);
    return { url: client.url, said: app.stderr, logs: app.logs };
  };

  it('tells where everything is, and where the key of the console, but not the key', async () => {
    const { url, said } = await printed({});
    for (const path of ['/docs', '/healthz', '/readyz', '/metrics', '/console'])
      expect(said).toContain(`${url}${path}`);
    const [, file = ''] = /the password is what is in (.+)/.exec(said) ?? [];
    const key = readFileSync(file, 'utf8').trim();
    expect(key.length).toBeGreaterThanOrEqual(32);
    expect(said).not.toContain(key);
  });

  it('writes nothing but records to stdout, one a line, where machines read them', async () => {
    const { logs } = await printed({ LOG_FORMAT: 'json' });
    expect(logs.length).toBeGreaterThan(0);
    // What is no JSON is kept as a message alone.
    expect(logs.filter((record) => record['time'] === undefined)).toEqual([]);
    const app = start('ecs');
    await told(app);
    expect(await app.stop()).toBe(0);
    expect(app.logs.filter((record) => record['@timestamp'] === undefined)).toEqual([]);
  });

  it('tells it on stdout where people read the log', async () => {
    const app = start('pretty');
    await app.log(({ msg }) => msg?.includes(last) ?? false);
    expect([await app.stop(), app.stderr]).toEqual([0, '']);
  });

  it('names no file where keys are configured, and no console where there is none', async () => {
    const key = 'the internal key of these tests only';
    const { url, said } = await printed({ INTERNAL_API_KEYS: key });
    expect(said).toContain(`${url}/console`);
    expect(said).toContain('the password is one of INTERNAL_API_KEYS');
    expect(said).not.toContain('internal-api-key');
    expect(said).not.toContain(key);
    const off = await printed({ MAINSTAY__CONSOLE__ENABLED: 'false' });
    expect(off.said).not.toContain('console');
  });

  it('serves no console where it is switched off', async () => {
    const { app, client } = await instances.start({
      MAINSTAY_DATA_DIR: folder,
      MAINSTAY__CONSOLE__ENABLED: 'false',
      INTERNAL_API_KEYS: 'the internal key of these tests only',
    });
    const headers = { 'x-internal-key': 'the internal key of these tests only' };
    for (const path of ['/console', '/console/snapshot', '/console/stream'])
      expect((await client.get(path, undefined, headers)).status).toBe(404);
    expect(await app.stop()).toBe(0);
  });
});
