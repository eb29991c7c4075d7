import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataDirectory } from './data-directory.js';

/** As short as a secret of the configuration may be. */
const LEAST_LENGTH = 32;

/**
 * A secret that development makes for itself where none is configured, and keeps in the data folder,
 * readable by its owner alone. Never for production: there, secrets are given.
 *
 * @param name of its file
 * @throws Error when the file holds no whole secret
 */
export function developmentSecret(name: string): string {
  const file = join(dataDirectory(), name);
  if (!existsSync(file)) {
    mkdirSync(dataDirectory(), { recursive: true });
    try {
      writeFileSync(file, `${randomBytes(32).toString('base64url')}\n`, {
        mode: 0o600,
        flag: 'wx',
      });
    } catch (error) {
      // Another process of the same folder was first: its secret is ours too.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  return readWhole(file);
}

/** Who comes second may find the file before the first has written into it: a matter of microseconds. */
function readWhole(file: string): string {
  for (let attempt = 0; attempt < 50; attempt++) {
    const secret = readFileSync(file, 'utf8').trim();
    if (secret.length >= LEAST_LENGTH) return secret;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
  }
  throw new Error(`${file} does not hold a secret; delete it, and the next start makes another`);
}
