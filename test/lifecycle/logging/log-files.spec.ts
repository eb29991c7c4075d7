import {
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { findOrInstall, programs } from '../../setup/install.ts';
import { Client, eventually } from '../../support/client.js';
import { createInstances, type Instances } from '../../support/instances.js';
import { failedStart } from '../../support/failed-start.js';
import { freePort, root, runApp, type AppProcess, type LogRecord } from '../../support/process.js';
import { RequestLoad } from '../../support/request-load.js';

const day = (daysAgo: number, today = Date.now()): string =>
  new Date(today - daysAgo * 86_400_000).toISOString().slice(0, 10);
const dayOf = (file: string): string => /\d{4}-\d\d-\d\d/.exec(file)?.[0] ?? '';

/** Preloaded itself: the program in front of it would stand between us and the process. */
function libfaketime(): string {
  findOrInstall(programs.faketime);
  const found = globSync('/usr/lib/*/faketime/libfaketime.so.1')[0];
  if (found === undefined) throw new Error('faketime is installed, but not its library');
  return found;
}

describe('log files', () => {
  let instances: Instances;
  let folder: string;
  let port: number;
  let app: AppProcess | undefined;
  beforeAll(async () => {
    instances = await createInstances();
  });
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mainstay-logs-'));
    port = await freePort();
  });
  afterEach(async () => {
    await app?.stop('SIGKILL');
    rmSync(folder, { recursive: true });
  });
  afterAll(() => instances.clean());

  const settings = (env: Record<string, string> = {}) => ({
    DATABASE_URL: instances.database.url,
    PORT: String(port),
    MAINSTAY__LOGGING__FILE__PATH: join(folder, 'logs/mainstay.log'),
    ...env,
  });
  const started = async (process: AppProcess) => {
    app = process;
    const client = new Client(`http://127.0.0.1:${port}`);
    await eventually(async () => expect((await client.get('/readyz')).status).toBe(200));
    return client;
  };
  const files = () => readdirSync(join(folder, 'logs')).sort();
  const records = (file: string): LogRecord[] =>
    readFileSync(join(folder, 'logs', file), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as LogRecord);
  /** The files of a role: one, or two where the test runs across midnight. */
  const filesOf = (role: string) => files().filter((file) => file.startsWith(`mainstay-${role}.`));
  /** Each has files that are named for it and for their day. */
  const rolesWithFiles = () => [
    ...new Set(files().map((file) => /^mainstay-(\w+)\.\d{4}(-\d\d){2}\.1\.log$/.exec(file)?.[1])),
  ];

  it('hold all records, one file a role and day, and are cut short by no exit', async () => {
    const client = await started(
      runApp(
        'main.js',
        settings({
          NODE_OPTIONS: `--import=${join(root, 'test/support/end-on-signal.ts')}`,
          END_BY: 'exit',
        }),
      ),
    );
    const load = new RequestLoad(client.url, 8);
    await load.reached(300);
    await load.stop();
    expect(await app?.stop('SIGUSR2')).toBe(7);
    expect(rolesWithFiles()).toEqual(['all']);
    const logged = filesOf('all')
      .flatMap(records)
      .map((record) => record['request_id']);
    expect(load.answered.filter((id) => !logged.includes(id))).toEqual([]);
    expect(app?.logs.filter(({ level }) => level !== undefined)).toEqual([]);
    port = await freePort();
    await started(runApp('entrypoints/worker.js', settings()));
    expect(rolesWithFiles()).toEqual(['all', 'worker']);
    expect(await app?.stop()).toBe(0);
    expect(filesOf('worker').flatMap(records).at(-1)).toMatchObject({ event: 'shutdown_finished' });
  });

  it('are kept for so many days, those of other roles and programs always', async () => {
    mkdirSync(join(folder, 'logs'));
    const today = day(0);
    const write = (name: string) => writeFileSync(join(folder, 'logs', name), '{}\n');
    for (let ago = 0; ago <= 35; ago++) write(`mainstay-all.${day(ago)}.1.log`);
    const more = `mainstay-all.${day(3)}.2.log`;
    write(more);
    const others = [`mainstay-auth.${day(90)}.1.log`, 'mainstay-all.log', 'mainstay-all.old.1.log'];
    others.forEach(write);
    await started(runApp('main.js', settings()));
    await eventually(async () => {
      await Promise.resolve();
      const days = [...new Set(filesOf('all').map(dayOf).filter(Boolean))];
      const last = Date.parse(days.at(-1) ?? '');
      expect(days).toEqual(Array.from({ length: 30 }, (_, n) => day(29 - n, last)));
      expect(last).toBeGreaterThanOrEqual(Date.parse(today));
    }); // prettier-ignore
    expect(files()).toEqual(expect.arrayContaining([...others, more]));
    expect(await app?.stop()).toBe(0);
  });

  const onLinux = process.platform === 'linux' ? it : it.skip; // the library stands elsewhere

  onLinux('change at midnight, without losing a record', async () => {
    const env = settings({ MAINSTAY__LOGGING__FILE__KEEP: '2', TZ: 'UTC' });
    mkdirSync(join(folder, 'logs'));
    for (const date of ['2031-03-03', '2031-03-04'])
      writeFileSync(join(folder, 'logs', `mainstay-all.${date}.1.log`), '{}\n');
    // The clock on the wall is wrong, the one that timers go by is not.
    const client = await started(
      runApp('main.js', {
        ...env,
        LD_PRELOAD: libfaketime(),
        FAKETIME: '@2031-03-05 23:59:45',
        FAKETIME_DONT_FAKE_MONOTONIC: '1',
      }),
    );
    expect(files()).toContain('mainstay-all.2031-03-05.1.log');
    const load = new RequestLoad(client.url, 2);
    await eventually(async () => {
      await Promise.resolve();
      expect(files()).toContain('mainstay-all.2031-03-06.1.log');
    }, 60_000);
    await load.reached(load.answered.length + 200);
    await load.stop();
    expect(files()).toEqual(['mainstay-all.2031-03-05.1.log', 'mainstay-all.2031-03-06.1.log']);
    expect(await app?.stop()).toBe(0);
    const [before = [], after = []] = files().map(records);
    // The change takes some milliseconds: what is said meanwhile may stand on either side.
    expect(String(before.at(-1)?.['time']) < '2031-03-06T00:00:10').toBe(true);
    expect(String(after[0]?.['time']) > '2031-03-05T23:59:50').toBe(true);
    const logged = new Set([...before, ...after].map((record) => record['request_id']));
    expect(load.answered.filter((id) => !logged.has(id))).toEqual([]);
  });

  it('that cannot be written end the start with a reason', async () => {
    writeFileSync(join(folder, 'taken'), '');
    const none = process.platform === 'linux' ? ['/proc/none/mainstay.log'] : [];
    for (const path of [join(folder, 'taken/mainstay.log'), ...none]) {
      const said = await failedStart(settings({ MAINSTAY__LOGGING__FILE__PATH: path }));
      expect(said).toMatch(/logging\.file\.path: cannot write a log file in ".*" \(E\w+\)/);
    }
    const odd = await failedStart(settings({ MAINSTAY__LOGGING__FILE__PATH: 'logs/' }));
    expect(odd).toContain('logging.file.path: expected a path such as logs/mainstay.log');
  });
});
