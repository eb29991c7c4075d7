import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The kernel's clock ticks a second as /proc tells them, whatever its own timer runs at. */
const TICKS_PER_SECOND = 100;

interface Stat {
  parent: number;
  seconds: number;
  /** Of its children that have ended. */
  endedChildren: number;
}

/** CPU time and parent of a process; undefined when it has ended, or where there is no /proc. */
function statOf(pid: number): Stat | undefined {
  try {
    // The name stands in brackets and may hold anything: count the fields behind it.
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const seconds = (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
    const endedChildren = (Number(fields[13]) + Number(fields[14])) / TICKS_PER_SECOND;
    return { parent: Number(fields[1]), seconds, endedChildren };
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

/** Seconds of CPU that a server and PostgreSQL have used until now. */
export interface CpuTime {
  server: number;
  database: number;
}

/**
 * It changes far less than requests a second with what else the machine does, so it tells what a
 * request costs even on a busy one. Background work of PostgreSQL in that time counts too. Undefined where the system does not tell.
 *
 * @param folder the data folder of the embedded PostgreSQL
 */
export function cpuTime(serverPid: number, folder: string): CpuTime | undefined {
  const server = statOf(serverPid);
  if (!server) return undefined;
  const file = join(folder, 'postgres', 'postmaster.pid');
  const postmaster = Number(readFileSync(file, 'utf8').split('\n')[0]);
  const backends = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => statOf(Number(name)))
    .filter((stat) => stat?.parent === postmaster);
  // A connection that closes takes its backend along, whose time then counts with the ended children.
  const ended = statOf(postmaster)?.endedChildren ?? 0;
  const database = backends.reduce((sum, stat) => sum + (stat?.seconds ?? 0), ended);
  return { server: server.seconds, database };
}
