import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const WAIT_MS = 30_000;
const LOOK_MS = 50;

/** Something that the person who starts the application can mend. */
export class FolderLockError extends Error {}

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
      throw new FolderLockError(
        `Another process has been starting or stopping the database of ${folder} for ${WAIT_MS / 1000} s.\n` +
          `If it is stuck, end it, or delete ${file}.`,
      );
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
    writeFileSync(file, identityOf(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** A process id is used again; with its start time it is the same process. */
function identityOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return `${pid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''}`;
  } catch {
    return String(pid); // no /proc here, or no such process
  }
}

function holderLives(file: string): boolean {
  let holder: string;
  try {
    holder = readFileSync(file, 'utf8');
  } catch {
    return false; // gone in the meantime
  }
  if (holder === '') return true; // being written just now
  const pid = Number(holder.split(' ')[0]);
  if (!Number.isInteger(pid) || pid <= 0 || holder !== identityOf(pid)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // lives, but is somebody else's
  }
}
