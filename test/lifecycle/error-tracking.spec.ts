import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually, type Json } from '../support/client.js';
import { startErrorReceiver, type ErrorReceiver } from '../support/error-receiver.js';
import { createInstances, type Instance, type Instances } from '../support/instances.js';
import { root } from '../support/process.js';

const KEY = 'the internal key of these tests only';
const SECRET = 'hunter2Zq9';

describe('error tracking', () => {
  let instances: Instances;
  let receiver: ErrorReceiver;
  beforeAll(async () => {
    instances = await createInstances();
  });
  beforeEach(async () => {
    receiver = await startErrorReceiver();
  });
  afterEach(() => receiver.stop());
  afterAll(() => instances.clean());

  const start = (env: Record<string, string> = {}) =>
    instances.start({
      ERROR_TRACKING_DSN: receiver.dsn,
      INTERNAL_API_KEYS: KEY,
      MAINSTAY_COMMIT: 'abc123',
      ...env,
    });
  const query = (text: string) => instances.database.pool.query(text);
  const withoutPosts = async (work: () => Promise<void>) => {
    await query('ALTER TABLE posts.posts RENAME TO posts_away');
    try {
      await work();
    } finally {
      await query('ALTER TABLE posts.posts_away RENAME TO posts');
    }
  };
  const received = async (matches: (event: Json) => boolean): Promise<Json> => {
    let event: Json;
    await eventually(async () => {
      await Promise.resolve();
      event = receiver.events.find(matches);
      expect(event).toBeDefined();
    });
    return event;
  };
  const feed = ({ client }: Instance, token: string, id = 'feed-1') =>
    client.get('/api/v1/posts/feed', token, {
      'x-request-id': id,
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00',
    });

  it('reports a fault with its code, its trace and who met it, and one a second of the same', async () => {
    const instance = await start();
    const ada = await instance.client.account('ada');
    await withoutPosts(async () => {
      for (let n = 1; n <= 20; n++)
        expect((await feed(instance, ada.token, `feed-${n}`)).status).toBe(500);
    });
    const event = await received(({ tags }) => tags.request_id === 'feed-1');
    expect(event).toMatchObject({
      level: 'error',
      platform: 'node',
      environment: 'test',
      release: 'mainstay@0.1.0+abc123',
      logger: 'http',
      tags: {
        code: 'internal_error',
        role: 'all',
        module: 'http',
        route: 'GET /api/v1/posts/feed',
        tenant_id: expect.any(String),
      },
      user: { id: ada.id },
      contexts: {
        trace: {
          trace_id: '0af7651916cd43dd8448eb211c80319c',
          span_id: expect.stringMatching(/^[0-9a-f]{16}$/),
        },
      },
    });
    const exception = event.exception.values.at(-1);
    expect(exception.value).toContain('relation "posts.posts" does not exist');
    expect(exception.stacktrace.frames.length).toBeGreaterThan(1);
    expect(Object.keys(event.user)).toEqual(['id']);
    expect(JSON.stringify(event)).not.toMatch(/@example|eyJ/);
    expect(receiver.events.length).toBeLessThan(5);
    const { text } = await instance.client.get('/metrics');
    expect(text).toMatch(/error_reports_total\{result="held_back"\} 1\d/);
    expect(await instance.app.stop()).toBe(0);
  });

  it('reports jobs and consumers that failed, and hides secrets in what they say', async () => {
    const instance = await start();
    const ada = await instance.client.account('ada');
    const bob = await instance.client.account('bob');
    await query(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE 'no row for bob@example.com with password=${SECRET}' USING DETAIL = '${SECRET}'; END $$`);
    await query(`CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON realtime.notifications
      FOR EACH ROW EXECUTE FUNCTION refuse()`);
    await instance.client.follow(ada, bob);
    const failed = await received(({ tags }) => tags.code === 'consumer_failed');
    expect(failed.tags).toMatchObject({ module: 'messaging', route: expect.any(String) });
    expect(failed.exception.values.at(-1).value).toBe(
      'no row for b***@e*** with password=[redacted]',
    );
    expect(JSON.stringify(receiver.events)).not.toContain(SECRET);
    await query('DROP TRIGGER refuse ON realtime.notifications');
    await query("INSERT INTO jobs.job (name, data) VALUES ('auth.mail', '{}')");
    const job = await received(({ tags }) => tags.code === 'job_failed');
    expect(job.tags).toMatchObject({ module: 'jobs', route: 'auth.mail' });
    expect(job.tags.request_id).toMatch(/^job-/);
    expect(job.fingerprint.at(-1)).toBe(
      'DeliverMail.deliver dist/modules/auth/mail/deliver-mail.js',
    );
    await query("DELETE FROM jobs.job WHERE name = 'auth.mail'");
    expect(await instance.app.stop()).toBe(0);
  });

  it('reports no known outage: it would be one for each route and second', async () => {
    const instance = await start();
    const ada = await instance.client.account('ada');
    await query(`CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE 'no space left' USING ERRCODE = 'disk_full'; END $$`);
    await query(
      'CREATE TRIGGER fill BEFORE INSERT ON posts.posts FOR EACH ROW EXECUTE FUNCTION fill()',
    );
    const refused = await instance.client.post('/api/v1/posts', { body: 'hello' }, ada.token);
    expect([refused.status, refused.body.code]).toEqual([503, 'dependency_unavailable']);
    await query('DROP TRIGGER fill ON posts.posts');
    await withoutPosts(async () => {
      await eventually(async () => expect((await feed(instance, ada.token)).status).toBe(500));
    });
    await received(({ tags }) => tags.code === 'internal_error');
    expect(receiver.events.map(({ tags }) => tags.code)).toEqual(['internal_error']);
    expect(await instance.app.stop()).toBe(0);
  });

  it.each([
    ['throw', 'uncaught_exception', 'a bug that nobody catches'],
    ['reject', 'unhandled_rejection', 'a promise that nobody awaits'],
  ])('reports what ends the process (%s), before it does', async (way, code, value) => {
    const { app } = await start({
      NODE_OPTIONS: `--import=${join(root, 'test/support/end-on-signal.ts')}`,
      END_BY: way,
    });
    expect(await app.stop('SIGUSR2')).toBe(1);
    const fatal = receiver.events.filter(({ level }) => level === 'fatal');
    expect(fatal).toEqual([
      expect.objectContaining({
        tags: { code, role: 'all', module: 'lifecycle' },
        exception: { values: [expect.objectContaining({ type: 'Error', value })] },
      }),
    ]);
  });

  it('costs nothing while the receiver hangs: requests are answered, its breaker opens, the shutdown is in time', async () => {
    receiver.behave('hang');
    const instance = await start({
      MAINSTAY__ERROR_TRACKING__TIMEOUT_MS: '300',
      MAINSTAY__RESILIENCE__BREAKER_FAILURES: '2',
    });
    const { client, app } = instance;
    const ada = await client.account('ada');
    const stateOf = async () => {
      const { body } = await client.get('/ops/breakers', undefined, { 'x-internal-key': KEY });
      return body.items.find(({ name }: Json) => name === 'error_tracking').state;
    };
    const failed = async () => {
      const { text } = await client.get('/metrics');
      return Number(/error_reports_total\{result="failed"\} (\d+)/.exec(text)?.[1]);
    };
    await withoutPosts(async () => {
      await eventually(async () => {
        expect((await feed(instance, ada.token)).status).toBe(500);
        expect(await stateOf()).toBe('open');
      });
      const before = { asked: receiver.asked(), failed: await failed() };
      await eventually(async () => {
        await feed(instance, ada.token);
        expect(await failed()).toBeGreaterThan(before.failed); // the limit let one through, the breaker none
      });
      expect(receiver.asked()).toBe(before.asked);
    });
    expect(await app.stop()).toBe(0);
    expect(app.logs.filter(({ event }) => event === 'unhandled_rejection')).toEqual([]);
  });

  it('waits neither for a receiver that hangs nor, at the end, for the time that a report may take', async () => {
    receiver.behave('hang');
    const timeoutMs = 60_000;
    const instance = await start({ MAINSTAY__ERROR_TRACKING__TIMEOUT_MS: String(timeoutMs) });
    const born = performance.now();
    const ada = await instance.client.account('ada');
    await withoutPosts(async () => {
      expect((await feed(instance, ada.token)).status).toBe(500);
    });
    await eventually(async () => {
      await Promise.resolve();
      expect(receiver.asked()).toBe(1);
    });
    expect(await instance.app.stop()).toBe(0);
    expect(performance.now() - born).toBeLessThan(timeoutMs); // the report was still under way
  });

  it('is not there without a receiver', async () => {
    const { client, app } = await start({ ERROR_TRACKING_DSN: '' });
    const { body } = await client.get('/ops/breakers', undefined, { 'x-internal-key': KEY });
    expect(body.items.map(({ name }: Json) => name)).not.toContain('error_tracking');
    expect(await app.stop()).toBe(0);
    expect(receiver.asked()).toBe(0);
  });
});
