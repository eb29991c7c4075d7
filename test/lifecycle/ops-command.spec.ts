import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { adminAccount } from '../support/admin-account.js';
import { createInstances, type Instance, type Instances } from '../support/instances.js';
import { freePort, root } from '../support/process.js';

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** `npm run ops -- <args>` with nothing but these settings. */
function ops(args: string[], env: Record<string, string>): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { env: { PATH: process.env['PATH'], ...env } };
    execFile(
      process.execPath,
      [join(root, 'scripts/ops/ops.ts'), ...args],
      options,
      (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

describe('npm run ops', () => {
  let instances: Instances;
  let running: Instance;
  let folder: string;
  let env: Record<string, string>;

  beforeAll(async () => {
    instances = await createInstances();
    folder = mkdtempSync(join(tmpdir(), 'mainstay-ops-'));
    running = await instances.start({ MAINSTAY_DATA_DIR: folder });
    env = { MAINSTAY_DATA_DIR: folder, MAINSTAY_URL: running.client.url };
  });
  afterAll(async () => {
    expect(await running.app.stop()).toBe(0);
    await instances.clean();
    rmSync(folder, { recursive: true });
  });

  it('shows the flags by the key that development made', async () => {
    const table = await ops(['flags'], env);
    expect(table).toMatchObject({ code: 0, stderr: '' });
    expect(table.stdout).toMatch(/^flag +state +tenants +share/);
    expect(table.stdout).toMatch(/^posts\.feed-cache +on +all +100 %/m);
    const json = await ops(['flags', '--json', '--url', `${running.client.url}/`], {
      MAINSTAY_DATA_DIR: folder,
    });
    expect(JSON.parse(json.stdout)).toContainEqual(
      expect.objectContaining({ name: 'posts.feed-cache', enabled: true }),
    );
  });

  it('shows the flags to administrators and to nobody else', async () => {
    const { client } = running;
    const account = await client.account();
    const withToken = (token: string) => ops(['flags'], { ...env, MAINSTAY_TOKEN: token });
    const refused = await withToken(account.token);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('MAINSTAY_TOKEN lacks the permission ops:manage');
    const admin = await adminAccount(client, instances.database.pool);
    expect((await withToken(admin.token)).code).toBe(0);
  });

  it('says which key is wrong, and where it takes it from', async () => {
    const wrong = 'a key that this instance does not know';
    const file = join(folder, 'wrong-key');
    writeFileSync(file, `${wrong}\n`);
    const given = await ops(['flags'], { ...env, INTERNAL_API_KEYS: `${wrong},another` });
    expect(given).toMatchObject({ code: 1, stdout: '' });
    expect(given.stderr).toContain('does not accept the key of INTERNAL_API_KEYS.');
    const fromFile = await ops(['flags'], { ...env, INTERNAL_API_KEYS_FILE: file });
    expect(fromFile.stderr).toContain('does not accept the key of INTERNAL_API_KEYS_FILE.');
    const none = await ops(['flags'], { ...env, MAINSTAY_DATA_DIR: tmpdir() });
    expect([none.code, none.stderr]).toEqual([1, expect.stringContaining('who you are')]);
    const broken = await ops(['flags'], { ...env, INTERNAL_API_KEYS: 'a\nb' });
    expect([broken.code, broken.stderr]).toEqual([
      1,
      'the key of INTERNAL_API_KEYS is not one line of printable ASCII.\n',
    ]);
  });

  it('says that nothing listens, or that only internal addresses are answered', async () => {
    const nowhere = await ops(['flags', '--url', `http://127.0.0.1:${await freePort()}`], env);
    expect([nowhere.code, nowhere.stderr]).toEqual([1, expect.stringContaining('Nothing listens')]);
    const strict = await instances.start({
      MAINSTAY_DATA_DIR: folder,
      INTERNAL_CIDRS: '10.0.0.0/8',
    });
    const outside = await ops(['flags', '--url', strict.client.url], env);
    expect([outside.code, outside.stderr]).toEqual([
      1,
      expect.stringContaining('internal addresses only (INTERNAL_CIDRS)'),
    ]);
    expect(await strict.app.stop()).toBe(0);
  });

  it.each([
    [[], 'A command is missing'],
    [['flag'], 'no command "flag"'],
    [['breakers', 'reset'], 'needs the name'],
    [['flags', '--port', '1'], '--port'],
    [['flags', '--url', 'localhost'], 'is no address'],
    [['log-level', 'loud'], '"loud" is no level'],
    [['log-level', 'http', 'debug', 'more'], 'a module and a level at most'],
    [['log-level', 'debug', '--for', '25h'], '"25h" is no time'],
    [['log-level', '--for', '1m'], '--for needs a level'],
    [['flags', '--for', '1m'], '--for belongs to'],
  ])('says how it is used: %s', async (args, reason) => {
    const { code, stdout, stderr } = await ops(args, env);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(reason);
    expect(stderr).toContain('Usage: npm run ops');
  });

  it('shows the log levels and changes them for a while', async () => {
    const before = await ops(['log-level'], env);
    expect(before.stdout).toMatch(/^http +info +–$/m);
    const changed = await ops(['log-level', 'http', 'debug', '--for', '2h'], env);
    expect(changed).toMatchObject({ code: 0, stderr: '' });
    expect(changed.stdout).toMatch(/^The level of http is debug until 20.*Z\.$/m);
    const until = /until (\S+Z)/.exec(changed.stdout)?.[1] ?? '';
    const hours = (Date.parse(until) - Date.now()) / 3_600_000;
    expect(Math.round(hours)).toBe(2);
    expect((await ops(['log-level'], env)).stdout).toMatch(/^http +debug +20/m);
    const all = await ops(['log-level', 'info', '--json'], env);
    expect(JSON.parse(all.stdout)).toMatchObject({ module: null, level: 'info' });
    const unknown = await ops(['log-level', 'htpp', 'debug'], env);
    expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining('there are: ')]);
  });

  it('shows the breakers and resets one by its name', async () => {
    const breaker = {
      name: 'a b',
      state: 'half_open',
      failures: 5,
      openedAt: null,
      lastError: 'X',
    };
    const asked: string[] = [];
    const server = createServer((request, answer) => {
      asked.push(`${request.method} ${request.url}`);
      if (request.method === 'POST') answer.writeHead(204).end();
      else answer.end(JSON.stringify({ items: [breaker] }));
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const to = (...args: string[]) => ops([...args, '--url', url], env);
    expect((await to('breakers')).stdout).toMatch(/^a b +half-open +5 +– +X$/m);
    expect(await to('breakers', 'reset', 'a b')).toMatchObject({ code: 0 });
    const unknown = await to('breakers', 'reset', 'redis');
    expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining('there are: a b.')]);
    expect(asked).toEqual([
      'GET /ops/breakers',
      'GET /ops/breakers',
      'POST /ops/breakers/a%20b/reset',
      'GET /ops/breakers',
    ]);
    await new Promise((resolve) => server.close(resolve));
  });
});
