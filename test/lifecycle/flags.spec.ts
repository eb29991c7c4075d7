import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createInstances, type Instance, type Instances } from '../support/instances.js';
import type { LogRecord } from '../support/process.js';

const KEY = 'the internal key of these tests only';
const FLAG = 'posts.feed-cache';

describe('flags', () => {
  let instances: Instances;
  let folder: string;
  let running: Instance;
  beforeAll(async () => {
    instances = await createInstances();
  });
  afterAll(() => instances.clean());
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'mainstay-flags-'));
    writeFileSync(join(folder, 'test.yaml'), 'lifecycle: { endpointDelaySeconds: 0 }\n');
  });
  afterEach(async () => {
    expect(await running.app.stop()).toBe(0);
    rmSync(folder, { recursive: true });
  });

  async function start(env: Record<string, string> = {}): Promise<void> {
    running = await instances.start({
      MAINSTAY_CONFIG_DIR: folder,
      MAINSTAY__RELOAD__SECONDS: '0.1',
      INTERNAL_API_KEYS: KEY,
      ...env,
    });
  }
  async function shown(): Promise<unknown> {
    const { status, body } = await running.client.get('/ops/flags', undefined, {
      'x-internal-key': KEY,
    });
    expect(status).toBe(200);
    const { enabled, tenants, percentage } = body.items.find(
      (item: { name: string }) => item.name === FLAG,
    );
    return { enabled, tenants, percentage };
  }
  const write = (text: string) => writeFileSync(join(folder, 'default.yaml'), text);
  const records = (event: string) => running.app.logs.filter((record) => record.event === event);
  const nth = (event: string, count: number): Promise<LogRecord> =>
    running.app.log((record) => records(event).length >= count && record === records(event).at(-1));

  it('change while the process runs, keep what is wrong out, and say so once', async () => {
    await start();
    expect(await shown()).toEqual({ enabled: true, tenants: [], percentage: 100 });

    write(`flags: { ${FLAG}: { percentage: 25 } }\n`);
    const changed = await nth('flags_changed', 1);
    expect(changed).toMatchObject({
      level: 'info',
      changes: { [FLAG]: { from: { percentage: 100 }, to: { enabled: true, percentage: 25 } } },
    });
    expect(await shown()).toMatchObject({ percentage: 25 });

    write(`flags: { ${FLAG}: { percentage: 101, tenant: [a] }, posts.feed: { enabled: true } }\n`);
    const refused = await nth('flags_refused', 1);
    expect(refused.level).toBe('error');
    expect(refused['problems']).toHaveLength(3);
    expect(refused['problems']).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^flags\.posts\.feed-cache\.percentage: .*default\.yaml/),
        expect.stringMatching(
          /^flags\.posts\.feed-cache\.tenant: no such key; there are enabled, tenants, percentage/,
        ),
        expect.stringMatching(/^flags\.posts\.feed: no such key; there are .*posts\.feed-cache/),
      ]),
    );
    expect(await shown()).toMatchObject({ percentage: 25 });

    write('flags: {\n');
    expect((await nth('flags_refused', 2))['problems']).toEqual([
      expect.stringContaining('default.yaml'),
    ]);
    write(`flags: { ${FLAG}: { enabled: false } }\n`);
    await nth('flags_changed', 2);
    expect(await shown()).toMatchObject({ enabled: false, percentage: 100 });
    expect(records('flags_refused')).toHaveLength(2);
  });

  it('follow a ConfigMap, whose files are links to a folder that is exchanged', async () => {
    const publish = (version: string, percentage: number): void => {
      mkdirSync(join(folder, version));
      writeFileSync(
        join(folder, version, 'default.yaml'),
        `flags: { ${FLAG}: { percentage: ${percentage} } }\n`,
      );
      symlinkSync(version, join(folder, '..data-next'));
      renameSync(join(folder, '..data-next'), join(folder, '..data'));
    };
    publish('..one', 10);
    symlinkSync('..data/default.yaml', join(folder, 'default.yaml'));
    await start();
    expect(await shown()).toMatchObject({ percentage: 10 });
    publish('..two', 20);
    await nth('flags_changed', 1);
    expect(await shown()).toMatchObject({ percentage: 20 });
  });

  it('given by the environment win over the files, then and later', async () => {
    write(`flags: { ${FLAG}: { enabled: true, percentage: 10 } }\n`);
    await start({ MAINSTAY__FLAGS__POSTS_FEED_CACHE__PERCENTAGE: '70' });
    expect(await shown()).toEqual({ enabled: true, tenants: [], percentage: 70 });
    write(`flags: { ${FLAG}: { enabled: true, percentage: 20, tenants: [acme] } }\n`);
    await nth('flags_changed', 1);
    expect(await shown()).toEqual({ enabled: true, tenants: ['acme'], percentage: 70 });
  });
});
