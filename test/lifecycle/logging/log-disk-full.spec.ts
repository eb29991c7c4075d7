import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { findOrInstall, programs } from '../../setup/install.ts';
import { Client, eventually } from '../../support/client.js';
import { createInstances, type Instances } from '../../support/instances.js';
import { AppProcess, freePort, root } from '../../support/process.js';
import { RequestLoad } from '../../support/request-load.js';

let instances: Instances;
let folder: string;
let app: AppProcess;
beforeAll(async () => {
  instances = await createInstances();
  folder = mkdtempSync(join(tmpdir(), 'mainstay-disk-'));
});
afterAll(async () => {
  await app.stop('SIGKILL');
  rmSync(folder, { recursive: true });
  await instances.clean();
});

/** Runs the application on a disk of 4 MB that it alone sees, and a shell beside it that reads commands. */
async function startOnSmallDisk(disk: string) {
  const port = await freePort();
  const script = `exec 3<&0; (while read -r line <&3; do eval "$line"; done) & exec ${process.execPath} dist/main.js`;
  const capable = process.getuid?.() === 0 ? ['--cap-add', 'ALL'] : [];
  const small = ['--size', String(4 * 1024 * 1024), '--tmpfs', disk];
  const child = spawn(
    findOrInstall(programs.bubblewrap),
    ['--dev-bind', '/', '/', '--die-with-parent', ...capable, ...small, '/bin/sh', '-c', script],
    {
      cwd: root,
      env: {
        PATH: process.env['PATH'],
        NODE_ENV: 'test',
        LOG_LEVEL: 'info',
        HOST: '127.0.0.1',
        PORT: String(port),
        DATABASE_URL: instances.database.url,
        MAINSTAY_DATA_DIR: folder,
        MAINSTAY__LOGGING__FILE__PATH: join(disk, 'mainstay.log'),
        MAINSTAY__LOGGING__MAX_BUFFERED_BYTES: '65536',
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    },
  );
  app = new AppProcess(child);
  const client = new Client(`http://127.0.0.1:${port}`);
  await eventually(async () => expect((await client.get('/readyz')).status).toBe(200));
  const command = (line: string) => child.stdin.write(`${line}\n`);
  return { client, command };
}

const onLinux = process.platform === 'linux' ? it : it.skip; // bubblewrap is Linux's

onLinux(
  'a full disk costs log records and nothing else, is told of once, and is used again when there is room',
  async () => {
    const disk = join(folder, 'disk');
    mkdirSync(disk);
    const { client, command } = await startOnSmallDisk(disk);
    const load = async (requests: number) => {
      const running = new RequestLoad(client.url, 8);
      await running.reached(requests);
      await running.stop();
    };
    const dropped = async () =>
      Number(/^log_records_dropped_total (\d+)/m.exec((await client.get('/metrics')).text)?.[1]);

    command(`cat /dev/zero > ${disk}/ballast`);
    await load(1000);
    await eventually(async () => {
      await client.get('/healthz');
      expect(app.stderr).toContain('The log cannot be written');
      expect(await dropped()).toBeGreaterThan(0);
    });
    await load(200);
    expect(app.stderr.match(/The log cannot be written.*ENOSPC/g)).toHaveLength(1);

    command(`rm ${disk}/ballast`);
    await eventually(async () => {
      await Promise.resolve();
      expect(app.stderr).toContain('The log is written again.');
    });
    const lost = await dropped();
    await client.get('/healthz', undefined, { 'x-request-id': 'after-the-flood' });
    expect(await dropped()).toBe(lost);
    const files = `${disk}/mainstay-all.*.log`;
    const written = `grep -qh after-the-flood ${files} && grep -qh log_recovered ${files}`;
    command(`until ${written}; do sleep 0.05; done`);
    command(`grep -h -e after-the-flood -e log_recovered ${files}`);
    await app.log((record) => record['request_id'] === 'after-the-flood');
    const recovered = await app.log(({ event }) => event === 'log_recovered');
    expect(Number(recovered['dropped'])).toBeGreaterThan(0);
  },
);
