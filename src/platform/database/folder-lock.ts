import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const WAIT_MS = 30_000;
const LOOK_MS = 50;

/**
 * Runs `work` while no other process does the same on the folder: two starts at the same moment must
 * not create, or start, the same database twice. The lock of a process that died counts for nothing.
 */
export async function withFolderLock<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const file = join(folder, 'start.lock');
  const deadline = Date.now() + WAIT_MS;
  while (!take(file)) {
    if (!holderLives(file)) rmSync(file, { force: true });
    else if (Date.now() > deadline) {
      throw new Error(`another process has held ${file} for ${WAIT_MS / 1000} s; is it stuck?`);
    } else await pause(LOOK_MS);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function take(file: string): boolean {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function holderLives(file: string): boolean {
  let pid: number;
  try {
    pid = Number(readFileSync(file, 'utf8'));
  } catch {
    return false; // gone in the meantime
  }
  if (!Number.isInteger(pid) || pid <= 0) return true; // being written just now
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // lives, but is somebody else's
  }
}
