import { spawn, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createInterface } from 'node:readline';
import { leakIn } from './secrets.js';

/** What a process wrote last is read by then; where a child of its own holds on to its output, it never ends. */
const LAST_LINES_MS = 5000;

export const root = resolve(import.meta.dirname, '../..');

/** A log record of the application. */
export type LogRecord = Record<string, unknown> & { event?: string; level?: string; msg?: string };

/** A process of the application, with all that it wrote; it may not have written a secret. */
export class AppProcess {
  readonly logs: LogRecord[] = [];
  stderr = '';
  readonly exited: Promise<number | null>;
  /** Its output has ended; never, while a child of its own holds on to it. */
  private readonly closed: Promise<unknown>;
  private asked = false;
  private leak: string | undefined;
  private readonly waiting = new Set<() => void>();

  constructor(readonly child: ChildProcess) {
    this.exited = new Promise((resolveExit) =>
      child.on('exit', (code) => {
        resolveExit(code);
        this.wake();
      }),
    );
    this.closed = new Promise((resolveClose) => child.on('close', resolveClose));
    if (child.stdout)
      createInterface({ input: child.stdout }).on('line', (line) => this.take(line));
    if (child.stderr)
      createInterface({ input: child.stderr }).on('line', (line) => {
        this.stderr += `${line}\n`;
        this.leak ??= leakIn(line);
      });
  }

  /** Waits for a log record; fails at once when the process ends before it. */
  log(matches: (record: LogRecord) => boolean, timeoutMs = 60_000): Promise<LogRecord> {
    return new Promise((resolveLog, reject) => {
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        this.waiting.delete(look);
        settle();
      };
      const look = (): void => {
        const record = this.logs.find(matches);
        if (record) finish(() => resolveLog(record));
        else if (this.child.exitCode !== null)
          finish(() => reject(new Error(`the process ended: ${this.stderr}${this.worst}`)));
      };
      const timer = setTimeout(
        () =>
          finish(() => reject(new Error(`no such log record in ${timeoutMs} ms: ${this.stderr}`))),
        timeoutMs,
      );
      this.waiting.add(look);
      look();
    });
  }

  /** Why it ended without being asked to; undefined when it did not. */
  get endedByItself(): string | undefined {
    if (this.asked || this.child.exitCode === null) return undefined;
    return `the application ended by itself with ${this.child.exitCode}: ${this.worst} ${this.stderr}`;
  }

  /** Its last records of what went wrong, or else whatever it said last. */
  private get worst(): string {
    const bad = this.logs.filter(({ level }) => level === 'fatal' || level === 'error');
    return JSON.stringify((bad.length > 0 ? bad : this.logs).slice(-3));
  }

  /**
   * @returns the exit code
   * @throws when anything that it wrote holds a secret: so every test looks for that
   */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.asked ||= this.child.exitCode === null;
    this.child.kill(signal);
    const code = await this.exited;
    await Promise.race([this.closed, pause(LAST_LINES_MS, undefined, { ref: false })]);
    if (this.leak !== undefined) throw new Error(`the process wrote ${this.leak} to its log`);
    return code;
  }

  private take(line: string): void {
    this.leak ??= leakIn(line);
    try {
      this.logs.push(JSON.parse(line) as LogRecord);
    } catch {
      this.logs.push({ msg: line }); // what is printed for people
    }
    this.wake();
  }

  private wake(): void {
    for (const look of [...this.waiting]) look();
  }
}

/** What starts tracing, before the application. */
export const preload = join(root, 'dist/platform/tracing/tracing-preload.js');

/**
 * Runs a file of the build, `main.js` or an entry point, with only these settings over the test ones.
 *
 * @param within a command that runs it, e.g. one of bubblewrap
 */
export function runApp(
  file: string,
  env: Record<string, string>,
  within: string[] = [],
): AppProcess {
  return run(['--import', preload, join(root, 'dist', file)], env, { within });
}

export function run(
  args: string[],
  env: Record<string, string>,
  { within = [], ...options }: { uid?: number; gid?: number; within?: string[] } = {},
): AppProcess {
  const [command = '', ...rest] = [...within, process.execPath, ...args];
  const child = spawn(command, rest, {
    cwd: root,
    env: {
      PATH: process.env['PATH'],
      HOME: '/tmp',
      NODE_ENV: 'test',
      LOG_LEVEL: 'info',
      LOG_FORMAT: 'json',
      HOST: '127.0.0.1',
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
  });
  return new AppProcess(child);
}

/** Each worker of jest has ports of its own, below those that the system gives to outgoing connections. */
const PORTS_A_WORKER = 4000;
const firstPort = 12_000 + (Number(process.env['JEST_WORKER_ID'] ?? 1) % 4) * PORTS_A_WORKER;
let nextPort = Math.floor(Math.random() * PORTS_A_WORKER);

/**
 * A port that nothing listens on and nothing else takes before it is used: one of the system's own
 * choice (port 0) may be given to the next outgoing connection of anybody.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = firstPort + (nextPort++ % PORTS_A_WORKER);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolveFree, reject) => {
    const server = createServer().on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolveFree(false);
      else reject(error);
    });
    server.listen(port, '127.0.0.1', () => server.close(() => resolveFree(true)));
  });
}
