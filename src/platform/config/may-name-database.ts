import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { configDirectory } from './data-directory.js';

/**
 * Whether some layer of the configuration may name a database, before the configuration itself can
 * be loaded. In doubt it says so: the start then does a little later what it could have done now.
 */
export function mayNameDatabase(env: NodeJS.ProcessEnv): boolean {
  if (env['DATABASE_URL'] || env['DATABASE_URL_FILE']) return true;
  if (Object.keys(env).some((name) => /^MAINSTAY__DATABASE__URL/i.test(name))) return true;
  const files = ['default.yaml', `${env['NODE_ENV'] ?? 'development'}.yaml`];
  return files
    .map((name) => join(configDirectory(env), name))
    .some((file) => existsSync(file) && /^database:/m.test(readFileSync(file, 'utf8')));
}
