import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { failedStart } from '../support/failed-start.js';

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
});
