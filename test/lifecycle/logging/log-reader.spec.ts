import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, eventually } from '../../support/client.js';
import { createInstances, type Instances } from '../../support/instances.js';
import { freePort, runApp, type AppProcess, type LogRecord } from '../../support/process.js';
import { RequestLoad } from '../../support/request-load.js';

/** Seconds of processor time that the process has used. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** How much of a processor it uses without being asked anything; nothing but time can be waited for here. */
async function coresInUse(pid: number): Promise<number> {
  const before = { cpu: cpuSeconds(pid), at: performance.now() };
  await pause(1500);
  return (cpuSeconds(pid) - before.cpu) / ((performance.now() - before.at) / 1000);
}

const residentMiB = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

const onLinux = process.platform === 'linux' ? describe : describe.skip; // it reads /proc

onLinux('the reader of stdout', () => {
  let instances: Instances;
  let app: AppProcess;
  let client: Client;
  beforeAll(async () => {
    instances = await createInstances();
  });
  afterEach(() => app.stop('SIGKILL'));
  afterAll(() => instances.clean());

  /** Nobody reads before the test says so. */
  const start = async () => {
    const port = await freePort();
    app = runApp('main.js', {
      DATABASE_URL: instances.database.url,
      NODE_ENV: 'production',
      AUTH_KEY_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
      MAINSTAY__LOGGING__SAMPLING__READS: '1',
      MAINSTAY__LOGGING__MAX_BUFFERED_BYTES: '65536',
      MAINSTAY__LIFECYCLE__ENDPOINT_DELAY_SECONDS: '0',
      PORT: String(port),
    });
    app.child.stdout?.pause();
    client = new Client(`http://127.0.0.1:${port}`);
    await eventually(async () => expect((await client.get('/readyz')).status).toBe(200));
    return Number(app.child.pid);
  };
  const load = async (requests: number) => {
    const running = new RequestLoad(client.url, 8);
    await running.reached(requests);
    await running.stop();
    return running.answered.length;
  };
  const dropped = async () => {
    const { text } = await client.get('/metrics');
    return Number(/^log_records_dropped_total (\d+)/m.exec(text)?.[1]);
  };

  it('may be slow: nothing waits for it, and the log says what it lacks', async () => {
    const pid = await start();
    await load(1000);
    const before = residentMiB(pid);
    const asked = (await load(4000)) + 1000;
    expect(await dropped()).toBeGreaterThan(1000);
    expect(residentMiB(pid) - before).toBeLessThan(60);
    const records: LogRecord[] = [];
    const { stdout } = app.child;
    if (!stdout) throw new Error('it has no stdout');
    createInterface({ input: stdout }).on('line', (line) =>
      records.push(JSON.parse(line) as LogRecord),
    );
    stdout.resume();
    const recovered = () => records.filter(({ event }) => event === 'log_recovered');
    await eventually(async () => {
      await client.get('/healthz', undefined, { 'x-request-id': 'heard-again' });
      expect(recovered().length).toBeGreaterThan(0);
      expect(records.map((record) => record['request_id'])).toContain('heard-again');
    });
    const requests = records.filter((record) => String(record['request_id']).startsWith('load-'));
    const lost = recovered().reduce((sum, record) => sum + Number(record['dropped']), 0);
    // Of the records that were lost some are those of the probes that this test asks.
    expect(requests.length + lost).toBeGreaterThanOrEqual(asked);
    expect(await app.stop()).toBe(0);
  });

  it('may never read again: the process ends all the same', async () => {
    await start();
    await load(1500);
    app.child.kill('SIGTERM');
    await app.exited; // Node itself would wait for its reader for ever
    await eventually(async () => {
      await Promise.resolve();
      expect(app.stderr).toContain('The last records of the log could not be written.');
    });
  });

  it('may go away: the application works on, without records and without spinning', async () => {
    const pid = await start();
    const idle = await coresInUse(pid);
    app.child.stdout?.destroy();
    await load(500);
    await eventually(async () => {
      await Promise.resolve();
      expect(app.stderr).toContain('EPIPE');
    });
    await load(500);
    expect(app.stderr.match(/EPIPE/g)).toHaveLength(1);
    expect(await dropped()).toBeGreaterThan(500);
    // It may do what it did before, and half a core more: spinning takes a whole one.
    expect(await coresInUse(pid)).toBeLessThan(idle + 0.5);
    expect(await app.stop()).toBe(0);
  });
});
