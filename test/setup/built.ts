/** The built application's own modules, for set-up code that Node runs without a transform. */
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');
export const dist = join(root, 'dist');

export type EmbeddedPostgresModule =
  typeof import('../../src/platform/database/embedded-postgres.js');

export function embeddedPostgres(): Promise<EmbeddedPostgresModule> {
  return import(
    join(dist, 'platform/database/embedded-postgres.js')
  ) as Promise<EmbeddedPostgresModule>;
}
