import { stat } from 'node:fs/promises';
import { configDirectory, configFiles } from '../config/config-files.js';
import { loadConfig } from '../config/load-config.js';
import type { Probe } from './health.registry.js';

/**
 * Whether the process would start again with the files and secrets as they are now. They are read and
 * checked, which takes milliseconds of the event loop, only when one of them has changed.
 */
export function configurationProbe(env: NodeJS.ProcessEnv = process.env): Probe {
  const secrets = Object.entries(env).filter(([name]) => name.endsWith('_FILE'));
  const files = [
    ...configFiles(env, configDirectory(env)),
    ...secrets.flatMap(([, path]) => path ?? []),
  ];
  let seen = '';
  let problem: Error | undefined;
  return async () => {
    const now = (await Promise.all(files.map(stamp))).join();
    if (now !== seen) problem = check(env);
    seen = now;
    if (problem) throw problem;
  };
}

function check(env: NodeJS.ProcessEnv): Error | undefined {
  try {
    loadConfig(env);
    return undefined;
  } catch (error) {
    return Object.assign(error as Error, { code: 'INVALID' });
  }
}

/** Changes with the file, also when a symbolic link above it is turned to another one. */
async function stamp(file: string): Promise<string> {
  try {
    const { ino, mtimeMs, size } = await stat(file);
    return `${ino}:${mtimeMs}:${size}`;
  } catch {
    return 'absent'; // whether it may be, the check knows
  }
}
