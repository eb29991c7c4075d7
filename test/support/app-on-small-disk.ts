import { readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { find, programs } from '../setup/install.ts';
import { runApp, type AppProcess } from './process.js';

/** A process of the application whose data folder is a small disk of its own. */
export interface AppOnSmallDisk {
  app: AppProcess;
  /** Leaves this share of the disk free. */
  fill(free: number): void;
  makeRoom(): void;
  stop(): Promise<void>;
}

const DISK_BYTES = 16 * 1024 * 1024;

/** @param folder an empty one, over which bubblewrap mounts the disk, for this process alone */
export function startAppOnSmallDisk(folder: string, env: Record<string, string>): AppOnSmallDisk {
  const capable = process.getuid?.() === 0 ? ['--cap-add', 'ALL'] : [];
  const disk = ['--size', String(DISK_BYTES), '--tmpfs', folder];
  const within = [
    find(programs.bubblewrap) ?? 'bwrap',
    '--dev-bind',
    '/',
    '/',
    '--die-with-parent',
  ];
  const app = runApp('main.js', { ...env, MAINSTAY_DATA_DIR: folder }, [
    ...within,
    ...capable,
    ...disk,
  ]);
  // bubblewrap waits for the application, which is its child, and is not passed on a signal.
  const of = app.child;
  const pid = (): number =>
    Number(readFileSync(`/proc/${of.pid}/task/${of.pid}/children`, 'utf8').split(' ')[0]);
  const inside = (): string => join(`/proc/${pid()}/root`, folder);
  return {
    app,
    fill: (free) => {
      const { bavail, blocks, bsize } = statfsSync(inside());
      writeFileSync(join(inside(), 'ballast'), Buffer.alloc((bavail - free * blocks) * bsize));
    },
    makeRoom: () => rmSync(join(inside(), 'ballast')),
    stop: async () => {
      process.kill(pid(), 'SIGTERM');
      await app.exited;
    },
  };
}
