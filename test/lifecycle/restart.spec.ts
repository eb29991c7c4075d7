import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, type Account } from '../support/client.js';
import { root, run, runApp, type AppProcess } from '../support/process.js';

const url = async (app: AppProcess): Promise<string> =>
  String((await app.log((record) => record.event === 'started'))['url']);

describe('the embedded database', () => {
  let folder: string;
  let app: AppProcess;
  let ada: Account;
  let post: { id: string };
  const start = async (): Promise<Client> => {
    app = runApp('main.js', { MAINSTAY_DATA_DIR: folder, PORT: '0' });
    return new Client(await url(app));
  };
  const keepsItsData = async (client: Client): Promise<void> => {
    expect((await client.get('/readyz')).status).toBe(200);
    expect((await client.get(`/api/v1/posts/${post.id}`)).body).toMatchObject({
      author: { id: ada.id },
    });
    // The signing key is the same too: tokens of before are still good.
    expect((await client.get('/api/v1/users/me', ada.token)).status).toBe(200);
  };

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'mainstay-embedded-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('comes up in an empty folder, and SIGTERM ends with 0 and stops it', async () => {
    const client = await start();
    ada = await client.account('ada');
    post = await client.write(ada);
    expect(await app.stop('SIGTERM')).toBe(0);
    expect(existsSync(join(folder, 'postgres/postmaster.pid'))).toBe(false);
  });

  it('has the data after a restart, and adopts the server that a killed process left behind', async () => {
    await keepsItsData(await start());
    await app.stop('SIGKILL');
    const orphan = readFileSync(join(folder, 'postgres/postmaster.pid'), 'utf8').split('\n')[0];
    await keepsItsData(await start());
    expect(readFileSync(join(folder, 'postgres/postmaster.pid'), 'utf8').split('\n')[0]).toBe(
      orphan,
    );
    expect(await app.stop('SIGTERM')).toBe(0);
  });

  it('starts when the server itself was killed, too', async () => {
    await start();
    const server = Number(
      readFileSync(join(folder, 'postgres/postmaster.pid'), 'utf8').split('\n')[0],
    );
    await app.stop('SIGKILL');
    process.kill(server, 'SIGKILL');
    await keepsItsData(await start());
    expect(await app.stop('SIGINT')).toBe(0);
  });

  it('is left to the others while another process uses it', async () => {
    const first = runApp('main.js', { MAINSTAY_DATA_DIR: folder, PORT: '0' });
    await url(first);
    const client = await start();
    expect(await first.stop('SIGTERM')).toBe(0);
    await keepsItsData(client);
    expect(await app.stop('SIGTERM')).toBe(0);
    expect(existsSync(join(folder, 'postgres/postmaster.pid'))).toBe(false);
  });

  it('is created and started once by two processes that start at the same time in an empty folder', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'mainstay-two-'));
    // What an interrupted first start leaves: half a cluster, and the lock of a process that is gone.
    mkdirSync(join(empty, 'postgres.new'));
    writeFileSync(join(empty, 'postgres.new', 'PG_VERSION'), '18');
    writeFileSync(join(empty, 'start.lock'), '999999999');
    const two = [0, 1].map(() => runApp('main.js', { MAINSTAY_DATA_DIR: empty, PORT: '0' }));
    const clients = await Promise.all(two.map(async (process) => new Client(await url(process))));
    const account = await clients[0]?.account();
    expect((await clients[1]?.get('/api/v1/users/me', account?.token))?.status).toBe(200);
    expect(await Promise.all(two.map((process) => process.stop('SIGTERM')))).toEqual([0, 0]);
    expect(readdirSync(empty).sort()).toEqual([
      'auth-key-encryption.key',
      'internal-api-key',
      'postgres',
      'postgres.password',
    ]);
    expect(existsSync(join(empty, 'postgres/postmaster.pid'))).toBe(false);
    rmSync(empty, { recursive: true });
  });

  const isRoot = process.getuid?.() === 0;
  (isRoot ? it : it.skip)(
    'runs for an ordinary user, and for root in a folder that is closed to others',
    async () => {
      const closed = mkdtempSync('/root/mainstay-closed-');
      mkdirSync(join(closed, 'data'));
      const args = [
        '--import',
        join(root, 'dist/platform/tracing/tracing-preload.js'),
        join(root, 'dist/main.js'),
      ];
      const home = mkdtempSync(join(tmpdir(), 'mainstay-user-'));
      chownSync(home, 65_534, 65_534);
      const asUser = run(
        args,
        { MAINSTAY_DATA_DIR: home, PORT: '0' },
        { uid: 65_534, gid: 65_534 },
      );
      const asRoot = run(args, { MAINSTAY_DATA_DIR: join(closed, 'data'), PORT: '0' });
      for (const process of [asUser, asRoot]) {
        const client = new Client(await url(process));
        expect((await client.get('/readyz')).body.status).toBe('ok');
        await client.account();
        expect(await process.stop('SIGTERM')).toBe(0);
      }
      rmSync(closed, { recursive: true });
      rmSync(home, { recursive: true });
    },
  );
});
