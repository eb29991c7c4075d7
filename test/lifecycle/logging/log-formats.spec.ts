import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createInstances, type Instances } from '../../support/instances.js';
import { runApp, freePort, type LogRecord } from '../../support/process.js';
import { Client, eventually } from '../../support/client.js';

let instances: Instances;
beforeAll(async () => {
  instances = await createInstances();
});
afterAll(() => instances.clean());

const start = async (format: string) => {
  const port = await freePort();
  const app = runApp('main.js', {
    DATABASE_URL: instances.database.url,
    PORT: String(port),
    LOG_FORMAT: format,
  });
  const client = new Client(`http://127.0.0.1:${port}`);
  await eventually(async () => expect((await client.get('/readyz')).status).toBe(200));
  return { app, client };
};
const query = (text: string) => instances.database.pool.query(text);
const id = expect.stringMatching(/^[\da-f-]{36}$/);
const hex = (digits: number) => expect.stringMatching(new RegExp(`^[0-9a-f]{${digits}}$`));

it('ecs: every field of an access, an error and a job record has its name in the schema', async () => {
  const { app, client } = await start('ecs');
  const ada = await client.account('ada');
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00';
  await client.get('/api/v1/users/me', ada.token, { 'x-request-id': 'access', traceparent });
  await query('ALTER TABLE posts.posts RENAME TO posts_away');
  await client.get('/api/v1/posts/feed', ada.token, { 'x-request-id': 'fault' });
  await query('ALTER TABLE posts.posts_away RENAME TO posts');
  await query("INSERT INTO jobs.job (name, data) VALUES ('auth.mail', '{}')");
  const job = await app.log((record) => record['event.action'] === 'job_failed');
  await query("DELETE FROM jobs.job WHERE name = 'auth.mail'");
  expect(await app.stop()).toBe(0);

  const process = {
    '@timestamp': expect.stringMatching(/^20\d\d-\d\d-\d\dT[\d:.]+Z$/),
    'ecs.version': '8.10.0',
    'service.name': 'mainstay',
    'service.version': '0.1.0',
    'service.node.name': 'all',
    'event.dataset': 'mainstay',
  };
  const find = (request: string, message?: string): LogRecord | undefined =>
    app.logs.find(
      (record) =>
        record['http.request.id'] === request &&
        (message === undefined || record['message'] === message),
    );
  expect(find('access', 'request')).toEqual({
    ...process,
    'log.level': 'info',
    'log.logger': 'http',
    message: 'request',
    'http.request.id': 'access',
    'trace.id': '0af7651916cd43dd8448eb211c80319c',
    'span.id': expect.stringMatching(/^[0-9a-f]{16}$/),
    'user.id': ada.id,
    'organization.id': expect.any(String),
    'event.action': 'request',
    'event.duration': expect.any(Number),
    'http.request.method': 'GET',
    'http.response.status_code': 200,
    'labels.endpoint': '/api/v1/users/me',
  });
  const duration = Number(find('access', 'request')?.['event.duration']);
  expect(duration).toBeGreaterThan(10_000);
  expect(Number.isInteger(duration)).toBe(true);
  expect(app.logs.find((record) => record['http.request.id'] === 'fault')).toEqual({
    ...process,
    'log.level': 'error',
    'log.logger': 'http',
    message: 'Something went wrong on our side',
    'http.request.id': 'fault',
    'trace.id': hex(32),
    'span.id': hex(16),
    'user.id': ada.id,
    'organization.id': expect.any(String),
    'labels.code': 'internal_error',
    'error.type': expect.any(String),
    'error.message': 'relation "posts.posts" does not exist',
    'error.code': '42P01',
    'error.stack_trace': expect.stringContaining('    at '),
    ...(find('fault')?.['labels.error_cause'] !== undefined && {
      'labels.error_cause': expect.any(String),
    }),
  });
  expect(job).toEqual({
    ...process,
    'log.level': 'error',
    'log.logger': 'jobs',
    message: 'a job of auth.mail failed',
    'http.request.id': expect.stringMatching(/^job-/),
    'trace.id': hex(32),
    'span.id': hex(16),
    'event.action': 'job_failed',
    'labels.queue': 'auth.mail',
    'labels.job_id': id,
    'error.type': 'TypeError',
    'error.message': expect.stringContaining('Cannot destructure'),
    'error.stack_trace': expect.stringContaining('deliver-mail.js'),
  });
});

it('pretty: a line for people each', async () => {
  const { app, client } = await start('pretty');
  await client.get('/healthz', undefined, { 'x-request-id': 'pretty-one' });
  expect(await app.stop()).toBe(0);
  const line = app.logs.map(({ msg }) => msg).find((text) => text?.includes('pretty-one'));
  expect(line).toMatch(
    /^\[[\d:.]+\] INFO: request \{"module":"http","request_id":"pretty-one","trace_id":.*"status":200/,
  );
  expect(app.logs.some(({ msg }) => msg?.includes('bye'))).toBe(true);
});
