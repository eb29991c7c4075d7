import { writeSync } from 'node:fs';
import type { pino } from 'pino';
import { logRecordsDropped } from './logging.telemetry.js';

type SonicBoom = ReturnType<typeof pino.destination>;

/**
 * Written in blocks of 16 KB, or after a tenth of a second: not one system call a record, and under load no
 * thousand turns of the thread pool a second.
 */
export const BUFFERED = { sync: false, minLength: 16_000, periodicFlush: 100 } as const;

/** A file or pipe that takes nothing any more must not keep a process from ending. */
const FLUSH_MS = 2000;
/** A write that is under way when the process exits is through by then, unless nobody reads. */
const LAST_WRITE_MS = 10;

/**
 * Where the records of a process go. It never throws and never waits: a full disk, a reader that is slow
 * or gone cost records, which are counted, and nothing else.
 */
export class LogStream {
  private trouble: string | undefined;
  private closed = false;
  private dirty = false;
  private stuck = false;
  private dropped = 0;
  private gap = false;

  /** @param onRecovered told how many records were lost, once there is room again */
  constructor(
    private readonly sonic: SonicBoom,
    private readonly name: string,
    private readonly onRecovered: (dropped: number) => void,
    private readonly present: (line: string) => string = (line) => line,
  ) {
    sonic.removeAllListeners('error'); // pino's own throws again whatever is not EPIPE
    sonic.on('error', (error: NodeJS.ErrnoException) => this.failed(error));
    sonic.on('write', (bytes: number) => bytes > 0 && this.written());
    sonic.on('drain', () => this.drained());
    sonic.on('drop', () => this.drop());
    process.once('exit', () => this.atExit());
  }

  write(line: string): void {
    if (this.closed) return this.drop();
    this.dirty = true;
    this.sonic.write(this.present(line));
  }

  /** Writes out what is buffered. @returns false when it could not be written in time */
  async flush(): Promise<boolean> {
    this.dirty = false; // what comes from here on is written at the exit
    const deadline = new Promise<true>((resolve) => {
      setTimeout(() => resolve(true), FLUSH_MS).unref();
    });
    // The first may only see the end of a write that was under way.
    const rounds = this.flushOnce().then(() => this.flushOnce());
    this.stuck = await Promise.race([deadline, rounds.then(() => false)]);
    if (this.stuck) return false;
    return this.trouble === undefined;
  }

  /** Whether a write does not return: the reader of a pipe has stopped reading. */
  get isStuck(): boolean {
    return this.stuck;
  }

  private flushOnce(): Promise<void> {
    if (this.closed) return Promise.resolve();
    return new Promise((resolve) => this.sonic.flush(() => resolve()));
  }

  private failed({ code = 'unknown', message }: NodeJS.ErrnoException): void {
    if (this.closed) return;
    // Nobody will ever read it again: going on would only turn the processor.
    if (code === 'EPIPE') {
      this.closed = true;
      this.sonic.destroy();
      return say(`The log is written no more: nobody reads ${this.name} (EPIPE).`);
    }
    if (this.trouble !== undefined) return;
    this.trouble = code;
    say(
      `The log cannot be written to ${this.name}: ${message}. It is tried again; records that do not fit into memory are lost.`,
    );
  }

  private drop(): void {
    this.dropped++;
    this.gap = true;
    logRecordsDropped.inc();
  }

  private written(): void {
    if (this.trouble === undefined) return;
    this.trouble = undefined;
    this.gap = true;
    say('The log is written again.');
  }

  /** Says in the log itself that there is a gap, now that there is room for one record more. */
  private drained(): void {
    if (!this.gap || this.trouble !== undefined) return;
    const { dropped } = this;
    this.dropped = 0;
    this.gap = false;
    this.onRecovered(dropped);
  }

  /** `process.exit` in the middle, or a crash: there is no event loop any more to write with. */
  private atExit(): void {
    if (this.closed || !this.dirty) return;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LAST_WRITE_MS);
    try {
      this.sonic.flushSync();
    } catch {
      // It cannot be written, and there is nobody left to tell.
    }
  }
}

/** On stderr, which may be gone as well: `process.stderr` would make an uncaught exception of that. */
export function say(sentence: string): void {
  try {
    writeSync(2, `${sentence}\n`);
  } catch {
    // Then nobody listens at all.
  }
}
