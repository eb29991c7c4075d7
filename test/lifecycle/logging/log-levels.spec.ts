import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../../support/client.js';
import { createInstances, type Instance, type Instances } from '../../support/instances.js';

const KEY = 'the internal key of these tests only';
const keyed = { 'x-internal-key': KEY };

describe('/ops/log-level', () => {
  let instances: Instances;
  let running: Instance;
  beforeAll(async () => {
    instances = await createInstances();
    running = await instances.start({ INTERNAL_API_KEYS: KEY });
  });
  afterAll(() => instances.clean());

  const put = (body: unknown) =>
    running.client.call('PUT', '/ops/log-level', { body, headers: keyed });
  const levelOf = async (module: string) => {
    const { body } = await running.client.get('/ops/log-level', undefined, keyed);
    return body.items.find((item: { module: string }) => item.module === module);
  };
  const event = (name: string) => running.app.logs.filter((record) => record.event === name);
  /** Asks for something, and for another thing whose record is written whatever happens, behind it. */
  const isAccessLogged = async (id: string) => {
    await running.client.get('/healthz', undefined, { 'x-request-id': id });
    const before = event('log_level_changed').length;
    await put({ level: 'info', module: 'cache', expiresInSeconds: 60 });
    await eventually(async () => {
      await Promise.resolve();
      expect(event('log_level_changed').length).toBeGreaterThan(before);
    });
    return running.app.logs.some((record) => record['request_id'] === id);
  };

  it('changes one module for a while, says so, and takes it back by itself', async () => {
    expect(await levelOf('http')).toEqual({ module: 'http', level: 'info', until: null });
    expect(await isAccessLogged('before')).toBe(true);
    const answer = await put({ level: 'error', module: 'http', expiresInSeconds: 10 });
    expect([answer.status, answer.body.level]).toEqual([200, 'info']);
    expect(await levelOf('http')).toEqual({
      module: 'http',
      level: 'error',
      until: expect.stringMatching(/^20.*Z$/),
    });
    expect((await levelOf('jobs')).level).toBe('info');
    expect(await isAccessLogged('during')).toBe(false);
    const changed = event('log_level_changed')[1];
    expect(changed).toMatchObject({ level: 'info', log_module: 'http', log_level: 'error' });
    expect(changed?.['request_id']).toBe(answer.headers.get('x-request-id'));
    await running.app.log((record) => record.event === 'log_level_restored');
    expect(await levelOf('http')).toEqual({ module: 'http', level: 'info', until: null });
    expect(await isAccessLogged('after')).toBe(true);
  });

  it('changes all modules, those that log less included', async () => {
    await put({ level: 'silent', module: 'jobs' });
    const { body } = await put({ level: 'debug', expiresInSeconds: 86_400 });
    const levels = new Set(body.items.map((item: { level: string }) => item.level));
    expect([...levels]).toEqual(['debug']);
    await put({ level: 'silent', expiresInSeconds: 1 });
    const { length } = event('log_level_restored');
    await eventually(async () => {
      await Promise.resolve();
      expect(event('log_level_restored').length).toBeGreaterThan(length);
    });
  });

  it('knows its modules, and takes nothing else', async () => {
    const unknown = await put({ level: 'debug', module: 'htpp' });
    expect([unknown.status, unknown.body.code]).toEqual([404, 'not_found']);
    expect(unknown.body.detail).toMatch(/ auth, .* http, /);
    for (const body of [
      {},
      { level: 'loud' },
      { level: 'debug', expiresInSeconds: 0 },
      { level: 'debug', expiresInSeconds: 86_401 },
      { level: 'debug', expiresInSeconds: 1.5 },
      { level: 'debug', more: 1 },
    ])
      expect((await put(body)).body.code).toBe('validation_failed');
    const { status } = await running.client.call('PUT', '/ops/log-level', {
      body: { level: 'debug' },
    });
    expect(status).toBe(401);
  });
});
