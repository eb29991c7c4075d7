import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { stumblingBlocks } from '../support/accessibility.js';
import { startBrowser, type Browser } from '../support/browser.js';
import type { Account } from '../support/client.js';
import { createInstances, type Instance, type Instances } from '../support/instances.js';
import { startMailServer, type MailServer } from '../support/mail-server.js';
import { freePort } from '../support/process.js';

describe('the links of mails in a browser', () => {
  let smtp: MailServer;
  let instances: Instances;
  let instance: Instance;
  let browser: Browser;
  let ada: Account;

  beforeAll(async () => {
    const port = await freePort();
    smtp = await startMailServer(port);
    instances = await createInstances();
    instance = await instances.start({
      SMTP_URL: `smtp://127.0.0.1:${port}`, // and no PUBLIC_URL: links lead to the process itself
      MAINSTAY__JOBS__POLL_SECONDS: '0.5',
    });
    ada = await instance.client.account('ada');
    browser = await startBrowser();
  });
  // Hooks of their own: each is done, whatever becomes of the others.
  afterAll(() => browser?.close());
  afterAll(() => instances?.clean());
  afterAll(() => smtp?.stop());

  const says = (page: Page, text: RegExp) => page.getByRole('status').filter({ hasText: text });

  it('prove an address at the press of a button', async () => {
    const { link } = await smtp.mail(ada.email, 'Confirm your e-mail address');
    const { page, context, complaints } = await browser.open({});
    await page.goto(link);
    expect(page.url()).not.toContain('token'); // nor does the history have it
    expect(await stumblingBlocks(page)).toEqual([]);
    await page.getByRole('button', { name: 'Confirm' }).click();
    await says(page, /^The address is confirmed/).waitFor();
    expect(await page.getByRole('button').count()).toBe(0);
    expect(complaints).toEqual([]);
    await page.goto(link); // in the same tab
    await page.getByRole('button', { name: 'Confirm' }).click();
    await says(page, /^This link is not good any more/).waitFor();
    await context.close();
  });

  it('set a password that one can log in with', async () => {
    const { client } = instance;
    await client.post('/api/v1/auth/password/forgot', { email: ada.email });
    const { link } = await smtp.mail(ada.email, 'Reset your password');
    const { page, context } = await browser.open({ colorScheme: 'dark' });
    await page.goto(link);
    expect(await stumblingBlocks(page)).toEqual([]);
    const field = page.getByLabel(/^New password/);
    await field.fill('short');
    await page.keyboard.press('Enter');
    await says(page, /at least 8 characters/).waitFor();
    const password = 'käse 🧀 and <b>bread</b>';
    await field.fill(password);
    await page.getByRole('button', { name: 'Set the password' }).click();
    await says(page, /^The new password is set/).waitFor();
    const login = { identifier: ada.username, password };
    expect((await client.post('/api/v1/auth/login', login)).status).toBe(200);
    await context.close();
  });

  it('say so when they are old', async () => {
    const { page, context } = await browser.open({});
    await page.goto(`${instance.client.url}/reset-password#token=made-up`);
    await page.getByLabel(/^New password/).fill('long enough for this');
    await page.keyboard.press('Enter');
    await says(page, /^This link is not good any more/).waitFor();
    await context.close();
  });

  it('leave no token in any log', () => {
    const logged = JSON.stringify(instance.app.logs) + instance.app.stderr;
    for (const { token } of smtp.received) if (token !== '') expect(logged).not.toContain(token);
  });
});
