/**
 * `node scripts/console-picture.ts docs/images/console.png`: a picture of the console of a running
 * instance, as the README shows it. MAINSTAY_URL names the instance; its key is in INTERNAL_API_KEYS, else
 * it is the one that development keeps.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { chromium } from 'playwright-core';
import { dataDirectory } from '../src/platform/config/data-directory.ts';
import { findOrInstall, programs } from '../test/setup/install.ts';
import { shrinkPng } from './shrink-png.ts';

const [path = 'docs/images/console.png'] = process.argv.slice(2);
const { MAINSTAY_URL: url = 'http://127.0.0.1:3000', INTERNAL_API_KEYS: keys } = process.env;
const password =
  keys?.split(',', 1)[0] ?? readFileSync(join(dataDirectory(), 'internal-api-key'), 'utf8').trim();

mkdirSync(dirname(path), { recursive: true });
const browser = await chromium.launch({
  executablePath: findOrInstall(programs.chromium),
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
});
const page = await browser.newPage({
  httpCredentials: { username: 'ops', password },
  colorScheme: 'dark',
  viewport: { width: 1280, height: 800 },
});
await page.goto(`${url}/console`);
await page.locator('#routes tbody tr').first().waitFor();
writeFileSync(path, shrinkPng(await page.screenshot({ fullPage: true })));
await browser.close();
