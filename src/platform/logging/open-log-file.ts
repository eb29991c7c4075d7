import { existsSync, mkdirSync, statSync } from 'node:fs';
import { readdir, unlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, extname, join, resolve } from 'node:path';
import type { pino } from 'pino';
import { ConfigurationError } from '../config/load-config.js';
import { BUFFERED } from './log-stream.js';
import type { LoggingConfig } from './logging.config.js';

type SonicBoom = ReturnType<typeof pino.destination>;

const require = createRequire(import.meta.url);

/**
 * Loaded where there is a file to roll: it brings date-fns along, 300 modules and 90 ms of each start.
 * It has no types of its own. Its own clean-up races with the new file, and runs only at midnight.
 */
const loadRoll = () =>
  require('pino-roll') as (options: Record<string, unknown>) => Promise<SonicBoom>;

/**
 * Opens the log file of today, `<name>-<role>.<date>.1.log`: processes of different roles do not share
 * one. At midnight the next one is opened; at each opening those of the oldest days are deleted.
 *
 * @throws ConfigurationError when it cannot be written
 */
export async function openLogFile(
  path: string,
  { file: { keep }, maxBufferedBytes }: LoggingConfig,
  role: string,
): Promise<SonicBoom> {
  const folder = resolve(dirname(path));
  const extension = extname(path) || '.log';
  const base = `${basename(path, extension)}-${role}`;
  if (existsSync(path) && statSync(path).isDirectory())
    throw new ConfigurationError([
      `logging.file.path: "${path}" is a folder; expected a file in it, such as ${join(path, 'mainstay.log')}`,
    ]);
  try {
    makeFolder(folder);
    const file = join(folder, `${base}${extension}`);
    const sonic = await loadRoll()({
      ...BUFFERED,
      maxLength: maxBufferedBytes,
      file,
      frequency: 'daily',
      dateFormat: 'yyyy-MM-dd',
    });
    await new Promise<void>((opened, failed) => {
      sonic.once('ready', () => opened());
      sonic.once('error', failed);
    });
    const prune = (): void => void deleteOldest(folder, base, extension, keep);
    sonic.on('ready', prune); // it is ready again with each new file
    prune();
    return sonic;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new ConfigurationError([
      `logging.file.path: cannot write a log file in "${folder}" (${code ?? message})`,
    ]);
  }
}

/** `recursive: true` never returns where the system knows no folder and makes none, as under /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  mkdirSync(folder);
}

/** Keeps the files of the newest days; there may be more than one a day. */
async function deleteOldest(
  folder: string,
  base: string,
  extension: string,
  keep: number,
): Promise<void> {
  try {
    const dayOf = (file: string): string | undefined => {
      if (!file.startsWith(`${base}.`) || !file.endsWith(extension)) return undefined;
      const middle = file.slice(base.length + 1, file.length - extension.length);
      return /^(\d{4}-\d\d-\d\d)\.\d+$/.exec(middle)?.[1];
    };
    const files = (await readdir(folder)).flatMap((file) => {
      const day = dayOf(file);
      return day === undefined ? [] : [{ file, day }];
    });
    const days = [...new Set(files.map(({ day }) => day))];
    const old = new Set(days.sort((a, b) => b.localeCompare(a)).slice(keep));
    const gone = files.filter(({ day }) => old.has(day));
    await Promise.allSettled(gone.map(({ file }) => unlink(join(folder, file))));
  } catch {
    // The folder is gone or not readable: writing will say so.
  }
}
