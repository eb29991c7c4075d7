import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './data-directory.js';

/** The version in `package.json`. */
export const version: string = (
  JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as { version: string }
).version;

/** The commit that was built, where the build says so (`MAINSTAY_COMMIT`). */
export const commit = process.env['MAINSTAY_COMMIT'] ?? 'unknown';
