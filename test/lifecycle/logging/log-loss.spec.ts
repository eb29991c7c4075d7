import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createInstances, type Instances } from '../../support/instances.js';
import { root, runApp, type AppProcess } from '../../support/process.js';
import { RequestLoad } from '../../support/request-load.js';

const NODE_OPTIONS = `--import=${join(root, 'test/support/end-on-signal.ts')}`;

/** Every line is a record, and every request that was answered has one. */
function expectAllLogged({ logs }: AppProcess, answered: string[]): void {
  expect(logs.filter((record) => record.level === undefined)).toEqual([]);
  const logged = new Set(logs.map((record) => record['request_id']));
  expect(answered.length).toBeGreaterThan(100);
  expect(answered.filter((id) => !logged.has(id))).toEqual([]);
}

describe('no record is lost', () => {
  let instances: Instances;
  beforeAll(async () => {
    instances = await createInstances();
  });
  afterAll(() => instances.clean());

  const underLoad = async (env: Record<string, string>) => {
    const { app, client } = await instances.start({ NODE_ENV: 'production', ...env });
    const load = new RequestLoad(client.url, 8);
    await load.reached(500);
    return { app, load };
  };
  // What a person would be shown is no record.
  const settings = () => ({
    NODE_ENV: 'production',
    AUTH_KEY_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
    MAINSTAY__LOGGING__SAMPLING__READS: '1',
    MAINSTAY__LIFECYCLE__ENDPOINT_DELAY_SECONDS: '0.5',
  });

  it('at SIGTERM, with requests up to the last moment', async () => {
    const { app, load } = await underLoad(settings());
    expect(await app.stop()).toBe(0);
    await load.stop();
    expectAllLogged(app, load.answered);
    expect(app.logs.at(-1)?.event).toBe('shutdown_finished');
  });

  it.each([
    ['throw', 1, 'uncaught_exception', 'a bug that nobody catches'],
    ['reject', 1, 'unhandled_rejection', 'a promise that nobody awaits'],
    ['exit', 7, undefined, ''],
  ])('when it ends by %s', async (way, code, event, message) => {
    const { app, load } = await underLoad({ ...settings(), NODE_OPTIONS, END_BY: way });
    // In one piece: what is answered while the signal is under way is not known to the load yet.
    if (way === 'exit') await load.stop();
    expect(await app.stop('SIGUSR2')).toBe(code);
    await load.stop();
    expectAllLogged(app, load.answered);
    if (event === undefined) return;
    const record = app.logs.find((candidate) => candidate.event === event);
    expect(record).toMatchObject({ level: 'fatal', err: { message } });
  });

  it('when a start fails', async () => {
    const app = runApp('main.js', {
      ...settings(),
      DATABASE_URL: instances.database.url,
      PORT: '0',
      NODE_OPTIONS,
      END_BY: 'start',
    });
    expect(await app.exited).toBe(1);
    await app.stop(); // its last lines
    expect(app.logs).toContainEqual(
      expect.objectContaining({ level: 'fatal', event: 'start_failed', role: 'all' }),
    );
  });
});
