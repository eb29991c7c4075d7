import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const dist = join(import.meta.dirname, '../../dist');

/** The application is not built, or only in part. */
export class NotBuiltError extends Error {}

/**
 * A module of the built application. Seeding reuses the application's own configuration, keys and
 * password hashing, and those cannot run from the sources: type stripping knows no decorators.
 *
 * @param path below `dist/`, e.g. `modules/auth/keys/key-encryption.js`
 */
export async function built<T>(path: string): Promise<T> {
  const file = join(dist, path);
  if (!existsSync(file)) {
    throw new NotBuiltError('The application is not built yet. Run "npm run build" first.');
  }
  return (await import(pathToFileURL(file).href)) as T;
}
