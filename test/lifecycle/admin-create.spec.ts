import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { Client, eventually } from '../support/client.js';
import { createInstances, type Instance, type Instances } from '../support/instances.js';
import { root, runApp } from '../support/process.js';

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

const password = 'a long sentence that nobody guesses';

const { PATH, NODE_COMPILE_CACHE } = process.env;
const inherited = { PATH, NODE_COMPILE_CACHE };

/** `npm run admin:create -- <args>` with nothing but these settings. */
function createAdmin(args: string[], env: Record<string, string>, input = ''): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      [join(root, 'dist/app/commands/create-admin.js'), ...args],
      {
        cwd: root,
        env: { ...inherited, HOME: '/tmp', NODE_ENV: 'test', ...env },
      },
    );
    const ended = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk: Buffer) => (ended.stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (ended.stderr += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...ended }));
    child.stdin.on('error', () => undefined); // who does not read it may be gone
    child.stdin.end(input);
  });
}

describe('npm run admin:create', () => {
  let instances: Instances;
  let running: Instance;
  let folder: string;
  let env: Record<string, string>;
  beforeAll(async () => {
    instances = await createInstances();
    // What encrypts the signing keys is the same in every process of a deployment.
    const shared = { AUTH_KEY_ENCRYPTION_KEY: 'the key of these tests only, thirty-two' };
    running = await instances.start(shared);
    folder = mkdtempSync(join(tmpdir(), 'mainstay-admin-'));
    env = { ...shared, DATABASE_URL: instances.database.url, MAINSTAY_DATA_DIR: folder };
  });
  afterAll(async () => {
    await instances.clean();
    rmSync(folder, { recursive: true });
  });

  const login = async (identifier: string, given: string, headers = {}) => {
    const body = { identifier, password: given };
    return running.client.post('/api/v1/auth/login', body, undefined, headers);
  };
  const users = (token: string) => running.client.get('/api/v1/admin/users', token);

  it('prints a password of its own making, once, with which the administrator can log in', async () => {
    const made = await createAdmin(['--email', 'ada@example.com'], env);
    expect([made.code, made.stderr]).toEqual([0, '']);
    const { host, pathname } = new URL(instances.database.url);
    const name = pathname.slice(1);
    expect(made.stdout).toContain(
      `The administrator ada was created in the database ${name} at ${host}.`,
    );
    const [, generated = ''] = /^Password: (\S{24})$/m.exec(made.stdout) ?? [];
    expect(made.stdout.split(generated)).toHaveLength(2);
    const { status, body } = await login('ada@example.com', generated);
    expect(status).toBe(200);
    expect(decodeJwt(body.accessToken)['roles']).toEqual(['user', 'admin']);
    const list = await users(body.accessToken);
    expect(list.body.items).toMatchObject([{ username: 'ada', emailVerified: true }]);
    const audit = await running.client.get(
      '/api/v1/admin/audit?event=admin.created',
      body.accessToken,
    );
    expect(audit.body.items).toMatchObject([{ actorId: null, detail: { before: ['user'] } }]);
    expect(audit.text).not.toContain(generated);
    const again = await createAdmin(['--email', 'ADA@example.com'], env);
    expect([again.code, again.stdout]).toEqual([0, 'ada is an administrator already.\n']);
    expect((await login('ada', generated)).status).toBe(200);
  });

  it('takes the password from stdin, and prints none', async () => {
    const args = ['--email', 'bob@example.com', '--username', 'bobby', '--password-stdin'];
    const made = await createAdmin(args, env, `${password}\n`);
    expect([made.code, made.stderr]).toEqual([0, '']);
    expect(made.stdout).toMatch(/^The administrator bobby was created in .+\.\n$/);
    expect((await login('bobby', password)).status).toBe(200);
  });

  it('gives an account that is there the role at once, and leaves its password', async () => {
    const account = await running.client.account('carl');
    expect((await users(account.token)).status).toBe(403);
    const { pool } = instances.database;
    await pool.query('UPDATE auth.users SET email_verified_at = now() WHERE id = $1', [account.id]);
    const made = await createAdmin(['--email', account.email, '--password-stdin'], env, password);
    expect(made.code).toBe(0);
    expect(made.stdout).toBe(
      `${account.username} is an administrator now, with the password that the account has.\n`,
    );
    await eventually(async () => {
      expect((await users(account.token)).status).toBe(200);
    }, 5000);
    expect((await login(account.username, account.password)).status).toBe(200);
    expect((await login(account.username, password)).status).toBe(401);
  });

  it('makes nobody an administrator whose address was never verified, unless that is accepted', async () => {
    const account = await running.client.account('squatter');
    const args = ['--email', account.email];
    const refused = await createAdmin(args, env);
    expect([refused.code, refused.stdout]).toEqual([1, '']);
    expect(refused.stderr).toContain('never verified');
    expect(refused.stderr).toContain('--force');
    expect((await users(account.token)).status).toBe(403);
    const forced = await createAdmin([...args, '--force'], env);
    expect([forced.code, forced.stderr]).toEqual([0, '']);
    expect(forced.stdout).toContain(`${account.username} is an administrator now`);
    expect(forced.stdout).toContain('never verified');
    await eventually(async () => {
      expect((await users(account.token)).status).toBe(200);
    }, 5000);
  });

  it('makes the administrator of another tenant', async () => {
    const args = ['--email', 'dora@example.com', '--tenant', 'acme', '--password-stdin'];
    const refused = await createAdmin(args, env, password);
    expect(refused).toEqual({
      code: 1,
      stdout: '',
      stderr: 'The tenant acme does not exist.\n',
    });
    const { pool } = instances.database;
    await pool.query(`INSERT INTO auth.tenants (id, name) VALUES ('acme', 'Acme')`);
    expect((await createAdmin(args, env, password)).code).toBe(0);
    const { body } = await login('dora', password, { 'x-tenant': 'acme' });
    expect((await users(body.accessToken)).body.items).toMatchObject([{ username: 'dora' }]);
    expect((await running.client.get('/api/v1/admin/tenants', body.accessToken)).status).toBe(403);
  });

  it.each([
    [[], '--email is missing'],
    [['--email'], '--email'],
    [['--email', 'a@example.com', '--role', 'root'], '--role'],
    [['--email', 'a@example.com', 'more'], 'more'],
  ])('says what to type instead of %j', async (args, said) => {
    const { code, stdout, stderr } = await createAdmin(args, env);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(said);
    expect(stderr).toContain('Usage: npm run admin:create -- --email ada@example.com');
  });

  it.each([
    [['--email', 'no-address'], '', 'email: expected an e-mail address'],
    [['--email', 'e@example.com', '--username', 'a b'], '', 'username: expected 3 to 30'],
    [['--email', 'e@example.com', '--password-stdin'], 'short', 'password: expected at least 8'],
    [['--email', 'bob@other.example', '--username', 'BOBBY'], '', 'is taken'],
  ])('refuses %j', async (args, input, said) => {
    const { code, stdout, stderr } = await createAdmin(args, env, input);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(said);
    expect(stderr).not.toContain('short');
  });

  it('makes nobody an administrator who is banned or deleted', async () => {
    for (const column of ['banned_at', 'deleted_at']) {
      const account = await running.client.account('eve');
      const { pool } = instances.database;
      await pool.query(`UPDATE auth.users SET ${column} = now() WHERE id = $1`, [account.id]);
      const refused = await createAdmin(['--email', account.email], env);
      expect([refused.code, refused.stdout]).toEqual([1, '']);
    }
  });
});

describe('npm run admin:create on a machine with nothing yet', () => {
  it('brings up the embedded database, stops it again, and shares it with a running application', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mainstay-admin-'));
    const env = { DATABASE_URL: '', MAINSTAY_DATA_DIR: folder };
    const args = ['--email', 'ada@example.com', '--password-stdin'];
    const made = await createAdmin(args, env, password);
    const stdout = `The administrator ada was created in the embedded database under ${folder}.\n`;
    expect(made).toEqual({ code: 0, stdout, stderr: '' });
    expect(existsSync(join(folder, 'postgres/postmaster.pid'))).toBe(false);
    const app = runApp('main.js', { ...env, PORT: '0' });
    const { url } = await app.log((record) => record.event === 'started');
    const client = new Client(String(url));
    const again = await createAdmin(args, env, password);
    expect(again.stdout).toBe('ada is an administrator already.\n');
    const login = { identifier: 'ada', password };
    expect((await client.post('/api/v1/auth/login', login)).status).toBe(200);
    expect(await app.stop()).toBe(0);
    rmSync(folder, { recursive: true });
  });
});
