import type { Level, Logger } from 'pino';
import { redactText } from './redact-text.js';

/** What a record carries beside its message; an error goes under `err`. */
export type Fields = Record<string, unknown>;

/**
 * The logger of one area or module. It can be taken at the top of a file, before the configuration
 * has been read: what it writes to is put behind it later, and its level may change at any time.
 */
export class ModuleLogger {
  /** @param target where records go, as long as no other target is put behind it */
  constructor(
    readonly name: string,
    private target: Logger,
  ) {}

  /** Whether debug records are written at the moment, where making one costs something. */
  get debugs(): boolean {
    return this.target.isLevelEnabled('debug');
  }

  debug(fields: Fields, message: string): void {
    this.at('debug', fields, message);
  }

  info(fields: Fields, message: string): void {
    this.at('info', fields, message);
  }

  warn(fields: Fields, message: string): void {
    this.at('warn', fields, message);
  }

  error(fields: Fields, message: string): void {
    this.at('error', fields, message);
  }

  fatal(fields: Fields, message: string): void {
    this.at('fatal', fields, message);
  }

  /**
   * The same as the method of that name, for levels that are found out. Never throws: a record that
   * cannot be written must not fail the work that it tells of.
   */
  at(level: Level, fields: Fields, message: string): void {
    try {
      this.target[level](fields, message);
    } catch (error) {
      this.tell(level, error, message);
    }
  }

  /** From now on records go there. */
  attach(target: Logger): void {
    this.target = target;
  }

  /** The logger behind it, for libraries that want one. */
  get pino(): Logger {
    return this.target;
  }

  /** What is left of a record that could not be serialised. */
  private tell(level: Level, error: unknown, message: string): void {
    try {
      const reason = error instanceof Error ? error.name : typeof error;
      this.target[level]({ event: 'log_record_failed', reason }, redactText(message));
    } catch {
      // Not even that: there is nothing left to tell it with.
    }
  }
}
