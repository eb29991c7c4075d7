import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { stumblingBlocks } from '../support/accessibility.js';
import { startBrowser, type Browser, type Tab } from '../support/browser.js';
import { eventually, type Account } from '../support/client.js';
import { createInstances, type Instance, type Instances } from '../support/instances.js';
import { freePort } from '../support/process.js';
import { startRedisServer, type RedisServer } from '../support/redis-server.js';

const KEY = 'the internal key of these tests only';
const operator = { httpCredentials: { username: 'ops', password: KEY } };

describe('the console in a browser', () => {
  let instances: Instances;
  let redis: RedisServer;
  let instance: Instance;
  let browser: Browser;
  let settings: Record<string, string>;
  let ada: Account;

  beforeAll(async () => {
    instances = await createInstances();
    redis = await startRedisServer();
    settings = {
      PORT: String(await freePort()),
      REDIS_URL: redis.url,
      INTERNAL_API_KEYS: KEY,
      MAINSTAY__CONSOLE__TRACE_URL: 'http://traces.example/trace/{traceId}',
      MAINSTAY__CONSOLE__LOGS_URL: 'http://logs.example/?q={traceId}',
    };
    instance = await instances.start(settings);
    ada = await instance.client.account('ada');
    // Beside which the first request, slow as it is, is not what most users see.
    for (let n = 0; n < 40; n++) await instance.client.get('/api/v1/posts?limit=1');
    browser = await startBrowser();
  });
  // Hooks of their own: each is done, whatever becomes of the others.
  afterAll(() => browser?.close());
  afterAll(() => redis?.stop());
  afterAll(() => instances?.clean());

  const open = async (more: object = {}): Promise<Tab> => {
    const tab = await browser.open({ ...operator, ...more });
    await tab.page.goto(`${instance.client.url}/console`);
    await live(tab.page);
    return tab;
  };
  const live = (page: Page) => page.locator('#live[data-state="live"]').waitFor();
  const text = (page: Page, selector: string) => page.locator(selector).innerText();
  const reads = (page: Page, selector: string, expected: RegExp) =>
    eventually(async () => expect(await text(page, selector)).toMatch(expected));
  /** How often the browser was told of an outage: what it says of that itself is no fault of the page. */
  const faults = ({ complaints }: Tab) =>
    complaints.filter((complaint) => !/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE/.test(complaint));
  const tabTo = async (page: Page, name: RegExp): Promise<void> => {
    for (let presses = 0; presses < 40; presses++) {
      await page.keyboard.press('Tab');
      const focused = page.locator(':focus');
      const label = (await focused.getAttribute('aria-label')) ?? (await focused.innerText());
      if (name.test(label)) return;
    }
    throw new Error(`40 times Tab, and never on ${String(name)}`);
  };

  it('shows that all is well, and what the process is', async () => {
    const tab = await open();
    await reads(tab.page, '#status', /All is well/);
    await reads(tab.page, '#calm', /^Nothing\. \d+ checks are well, 2 breakers are closed/);
    await reads(tab.page, '#dependencies', /database \(required\)\s+● up[^]*redis\s+● up/);
    await reads(tab.page, '#facts', /role\s+all[^]*version\s+\d+\.\d+/);
    await reads(tab.page, '#pools', /primary/);
    expect(await tab.page.locator('#plots canvas').count()).toBe(4);
    expect(faults(tab)).toEqual([]);
    await tab.context.close();
  });

  it('asks for credentials, and shows nothing without them', async () => {
    const { page, context } = await browser.open({
      httpCredentials: { username: 'ops', password: 'wrong' },
    });
    const answer = await page.goto(`${instance.client.url}/console`);
    expect(answer?.status()).toBe(401);
    await context.close();
  });

  it('moves with the load', async () => {
    const tab = await open();
    const { client } = instance;
    await client.account('bob'); // a password is hashed: nothing is slower
    const legend = '#plots figure:first-child .legend li:first-child b';
    const rate = async () => Number((await text(tab.page, legend)).replaceAll(',', ''));
    await eventually(async () => {
      await Promise.all(
        Array.from({ length: 20 }, () => client.get(`/api/v1/users/${ada.username}`)),
      );
      expect(await rate()).toBeGreaterThan(5);
    });
    await reads(tab.page, '#routes', /GET \/api\/v1\/users\/:username\s+[1-9]/);
    await reads(tab.page, '#caches', /profile\s+\d/);
    const latency = '#plots figure:nth-child(2) .legend';
    await reads(tab.page, latency, /p50 [\d.]+ ms\s+p95 [\d.]+ ms\s+p99 [\d.]+ ms/);
    await eventually(async () => expect(await rate()).toBe(0)); // and it ends with the load
    await tab.page.getByRole('button', { name: 'Slowest' }).click();
    await reads(tab.page, '#routes', /POST \/api\/v1\/auth\/register/);
    expect(faults(tab)).toEqual([]);
    await tab.context.close();
  });

  it('shows an error with the trace of the answer, linked to its spans and its logs', async () => {
    const { pool } = instances.database;
    const tab = await open();
    await pool.query('ALTER TABLE posts.posts RENAME TO elsewhere');
    const failed = await instance.client.get(`/api/v1/posts?author=${ada.username}`, ada.token);
    const again = await instance.client.get(`/api/v1/posts?author=${ada.username}`, ada.token);
    await pool.query('ALTER TABLE posts.elsewhere RENAME TO posts');
    expect([failed.status, again.status]).toEqual([500, 500]);
    const { traceId, requestId } = again.body;
    const row = tab.page.locator('#errors tbody tr').first();
    await row.getByText(traceId).waitFor();
    expect(await row.innerText()).toMatch(
      /2×\s+1\s+500 internal_error\s+GET \/api\/v1\/posts\s+relation "posts\.posts" does not exist/,
    );
    const links = await row
      .locator('a')
      .evaluateAll((all) => all.map((a) => a.getAttribute('href')));
    expect(links).toEqual([
      `http://traces.example/trace/${traceId}`,
      `http://logs.example/?q=${traceId}`,
    ]);
    expect(await row.innerText()).toContain(requestId);
    expect(faults(tab)).toEqual([]);
    await tab.context.close();
  });

  it('shows a breaker that opened first of all, and resets it from the keyboard', async () => {
    const tab = await open();
    const { page } = tab;
    await redis.kill();
    const problem = page.locator('#problems li').first();
    await problem.getByText('redis is down').waitFor();
    await reads(
      page,
      '#problems',
      /▲ Warning[^]*since \d\d:\d\d:\d\d[^]*ECONN[^]*Meanwhile: caches/,
    );
    await reads(page, '#status', /▲?\s*Degraded/);
    await reads(page, '#announcement', /^The process is degraded\. redis is down\./);
    await reads(page, '#dependencies', /redis\s+■ down[^]*■ open/);

    for (const colorScheme of ['dark', 'light'] as const)
      for (const width of [1280, 360]) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 800 });
        const blocks = await stumblingBlocks(page);
        expect([colorScheme, width, blocks]).toEqual([colorScheme, width, []]);
      }
    await page.setViewportSize({ width: 1280, height: 800 });

    const resets = () => instance.app.logs.filter(({ event }) => event === 'breaker_closed').length;
    const before = resets();
    await page.locator('body').click({ position: { x: 1, y: 1 } });
    await tabTo(page, /^Reset breaker of redis$/);
    // What is drawn anew each second does not take the focus away.
    const seen = await text(page, '#live-word');
    await eventually(async () => expect(await text(page, '#live-word')).not.toBe(seen));
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Reset the breaker of redis?' });
    await dialog.waitFor();
    expect(await stumblingBlocks(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    expect(resets()).toBe(before);
    await page.keyboard.press('Enter');
    await tabTo(page, /^Reset$/);
    await page.keyboard.press('Enter');
    await page.locator('.toast', { hasText: 'The breaker of redis is reset.' }).waitFor();
    // Its dependency is still away: it opened again since, and was closed once.
    await eventually(async () => expect(await Promise.resolve(resets())).toBe(before + 1));

    await redis.restart();
    await reads(page, '#status', /All is well/);
    expect(await page.locator('#problems li').count()).toBe(0);
    await reads(page, '#announcement', /^The process is ok\./);
    expect(faults(tab)).toEqual([]);
    await tab.context.close();
  });

  it('says when the connection is lost, with the time of the last data, and comes back', async () => {
    const tab = await open();
    const { page } = tab;
    const process = await text(page, '#facts');
    expect(await instance.app.stop()).toBe(0);
    await page.getByRole('alert').waitFor();
    await reads(page, '#lost', /connection is lost\. What you see is of \d\d:\d\d:\d\d\./);
    await reads(page, '#live-word', /^lost, last data \d\d:\d\d:\d\d$/);
    expect(await stumblingBlocks(page)).toEqual([]);
    instance = await instances.start(settings);
    await live(page);
    await page.getByRole('alert').waitFor({ state: 'hidden' });
    await eventually(async () => expect(await text(page, '#facts')).not.toBe(process));
    await reads(page, '#recorded', /^recorded since \d\d:\d\d:\d\d, the start of the process$/);
    expect(faults(tab)).toEqual([]);
    await tab.context.close();
  });

  it('is dark or light as the system says, or as was chosen before', async () => {
    const tab = await open({ colorScheme: 'light' });
    const { page } = tab;
    const back = () =>
      page.evaluate<string>('getComputedStyle(document.documentElement).backgroundColor');
    const light = await back();
    await page.emulateMedia({ colorScheme: 'dark' });
    const dark = await back();
    expect(dark).not.toBe(light);
    const toggle = page.getByRole('button', { name: /^Theme/ });
    await toggle.click();
    expect([await toggle.innerText(), await back()]).toEqual(['Theme: dark', dark]);
    await toggle.click();
    expect([await toggle.innerText(), await back()]).toEqual(['Theme: light', light]);
    await page.reload();
    await live(page);
    expect([await toggle.innerText(), await back()]).toEqual(['Theme: light', light]);
    expect(faults(tab)).toEqual([]);
    await tab.context.close();
  });
});

describe('the recent errors of the console', () => {
  let instances: Instances;
  beforeAll(async () => {
    instances = await createInstances();
  });
  afterAll(() => instances?.clean());

  it('are also jobs that failed, each with a trace of its own', async () => {
    const { app, client } = await instances.start({
      INTERNAL_API_KEYS: KEY,
      SMTP_URL: `smtp://127.0.0.1:${await freePort()}`,
      MAINSTAY__JOBS__POLL_SECONDS: '0.5',
    });
    const { email, password } = await client.account('bob');
    // Who has the address already is told by mail.
    await client.post('/api/v1/auth/register', { username: 'bob_again', email, password });
    await eventually(async () => {
      const headers = { 'x-internal-key': KEY };
      const { body } = await client.get('/console/snapshot', undefined, headers);
      expect(body.errors).toContainEqual(
        expect.objectContaining({
          ...{ code: 'job_failed', status: null, route: 'job auth.mail' },
          traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
        }),
      );
    });
    expect(await app.stop()).toBe(0);
  });
});

describe('the traffic of the console', () => {
  it('begins with the first request of the process', async () => {
    const instances = await createInstances();
    const { app, client } = await instances.start({ INTERNAL_API_KEYS: KEY });
    await client.get('/api/v1/posts');
    await eventually(async () => {
      const { body } = await client.get('/console/snapshot', undefined, { 'x-internal-key': KEY });
      expect(body.traffic.requests).toBe(1);
    });
    expect(await app.stop()).toBe(0);
    await instances.clean();
  });
});
