import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { root } from './process.js';

const script = readFileSync(join(root, 'test/support/in-page/stumbling-blocks.js'), 'utf8');

/** What a person who cannot see the page, or not well, would stumble over; empty when nothing. */
export function stumblingBlocks(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(script);
}
