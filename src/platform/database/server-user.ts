import type { SpawnOptions } from 'node:child_process';
import { chownSync, existsSync, readFileSync } from 'node:fs';

/**
 * PostgreSQL refuses to run as root. Under root its programs run as `postgres`, or `nobody` where
 * that user does not exist, and keep one right of root: to pass through folders that are closed to
 * others (a checkout under /root). `setpriv` of util-linux does both and then becomes the program.
 */
const FALLBACK_USERS = ['postgres', 'nobody'];

interface ServerUser {
  uid: number;
  gid: number;
}

function serverUser(): ServerUser | undefined {
  if (process.platform === 'win32' || process.getuid?.() !== 0) return undefined;
  const users = new Map(
    readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .map((line) => line.split(':'))
      .map(([name = '', , uid, gid]) => [name, { uid: Number(uid), gid: Number(gid) }]),
  );
  for (const name of FALLBACK_USERS) {
    const user = users.get(name);
    if (user) return user;
  }
  throw new Error(
    'PostgreSQL cannot run as root, and there is neither a user "postgres" nor "nobody".',
  );
}

/** The command that runs a program of PostgreSQL as the user it accepts. */
export function asServerUser(program: string, args: string[]): [string, string[], SpawnOptions] {
  const user = serverUser();
  const options: SpawnOptions = { cwd: '/', detached: true };
  if (!user) return [program, args, process.platform === 'win32' ? {} : options];
  const setpriv = ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => existsSync(path));
  if (!setpriv) return [program, args, { ...options, uid: user.uid, gid: user.gid }];
  // PostgreSQL asks access() about its own programs, which forgets capabilities of other users than
  // root unless this bit is set.
  const bits = '--securebits=+no_setuid_fixup';
  const capabilities = [bits, '--inh-caps=+dac_override', '--ambient-caps=+dac_override'];
  return [
    setpriv,
    [
      `--reuid=${user.uid}`,
      `--regid=${user.gid}`,
      '--clear-groups',
      ...capabilities,
      '--',
      program,
      ...args,
    ],
    options,
  ];
}

/** Hands a file to that user: PostgreSQL wants to own its data folder. */
export function giveToServerUser(path: string): void {
  const user = serverUser();
  if (user) chownSync(path, user.uid, user.gid);
}
