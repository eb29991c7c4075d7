import {
  chromium,
  type BrowserContext,
  type BrowserContextOptions,
  type Page,
} from 'playwright-core';
import { findOrInstall, programs } from '../setup/install.ts';

/** A real browser, as an operator uses it. */
export interface Browser {
  /** A page in a profile of its own, with everything that went wrong in it. */
  open(options: BrowserContextOptions): Promise<Tab>;
  close(): Promise<void>;
}

export interface Tab {
  page: Page;
  context: BrowserContext;
  /** Errors of scripts, and what the content security policy refused. */
  complaints: string[];
}

export async function startBrowser(): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath: findOrInstall(programs.chromium),
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
  return {
    open: async (options) => {
      const context = await browser.newContext(options);
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning')
          complaints.push(message.text());
      });
      return { page, context, complaints };
    },
    close: () => browser.close(),
  };
}
