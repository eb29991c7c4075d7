import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A program that the tests need and npm does not bring. */
export interface Wanted {
  /** Its file name. */
  program: string;
  /** The package of Debian and Ubuntu that has it. */
  debian: string;
  /** The formula of Homebrew, where there is one. */
  brew?: string;
  /** What a person may do instead of installing it. */
  instead?: string;
}

/** The programs that tests start: real servers, and real kernel features. */
export const programs = {
  redis: {
    program: 'redis-server',
    debian: 'redis-server',
    brew: 'redis',
    instead: 'set TEST_REDIS_URL to a server that the tests may use',
  },
  redisCli: { program: 'redis-cli', debian: 'redis-tools', brew: 'redis' },
  haproxy: { program: 'haproxy', debian: 'haproxy', brew: 'haproxy' },
  bubblewrap: { program: 'bwrap', debian: 'bubblewrap' },
  prometheus: { program: 'prometheus', debian: 'prometheus', brew: 'prometheus' },
  promtool: { program: 'promtool', debian: 'prometheus', brew: 'prometheus' },
  alertmanager: { program: 'prometheus-alertmanager', debian: 'prometheus-alertmanager' },
  amtool: { program: 'amtool', debian: 'prometheus-alertmanager' },
  chromium: { program: 'chromium', debian: 'chromium' },
  faketime: { program: 'faketime', debian: 'faketime', brew: 'libfaketime' },
} satisfies Record<string, Wanted>;

const folders = [
  ...(process.env['PATH'] ?? '').split(delimiter),
  ...['/usr/bin', '/usr/sbin', '/usr/local/bin', '/usr/local/sbin', '/opt/homebrew/bin'],
];

export function find({ program }: Wanted): string | undefined {
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
}

/**
 * The path of a program; where we are root on Debian or Ubuntu and it is missing, it is installed.
 * Otherwise the run ends here, with the command to type.
 */
export function findOrInstall(wanted: Wanted): string {
  const found = find(wanted);
  if (found !== undefined) return found;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) throw new Error(advise(wanted));
  const options = {
    stdio: 'inherit',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  } as const;
  execFileSync('apt-get', ['update', '-qq'], options);
  execFileSync(
    'apt-get',
    ['install', '-y', '-qq', '--no-install-recommends', wanted.debian],
    options,
  );
  const installed = find(wanted);
  if (installed !== undefined) return installed;
  throw new Error(`apt-get installed ${wanted.debian}, but there is no ${wanted.program} to run`);
}

function advise({ program, debian, brew, instead }: Wanted): string {
  const command =
    process.platform === 'darwin' && brew !== undefined
      ? `brew install ${brew}`
      : `sudo apt-get install -y ${debian}`;
  const otherwise = instead === undefined ? '' : `\nor ${instead}`;
  return `The tests need ${program} and found none. Install it with one command:\n  ${command}${otherwise}.`;
}
