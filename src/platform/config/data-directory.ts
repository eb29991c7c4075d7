import { join, resolve } from 'node:path';

/** The project's root: the folder of `package.json`, from `src/` and from `dist/` alike. */
export const projectRoot = resolve(import.meta.dirname, '../../..');

/** Where a machine without outside services keeps its data: embedded database, development secrets. */
export function dataDirectory(env: NodeJS.ProcessEnv = process.env): string {
  // Set but empty counts as not set, as with every variable.
  const given = env['MAINSTAY_DATA_DIR'];
  return given ? resolve(given) : join(projectRoot, '.data');
}
