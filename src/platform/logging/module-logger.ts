import type { Level, Logger } from 'pino';

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

  debug(fields: Fields, message: string): void {
    this.target.debug(fields, message);
  }

  info(fields: Fields, message: string): void {
    this.target.info(fields, message);
  }

  warn(fields: Fields, message: string): void {
    this.target.warn(fields, message);
  }

  error(fields: Fields, message: string): void {
    this.target.error(fields, message);
  }

  fatal(fields: Fields, message: string): void {
    this.target.fatal(fields, message);
  }

  /** The same as the method of that name, for levels that are found out. */
  at(level: Level, fields: Fields, message: string): void {
    this.target[level](fields, message);
  }

  /** From now on records go there. */
  attach(target: Logger): void {
    this.target = target;
  }

  /** The logger behind it, for libraries that want one. */
  get pino(): Logger {
    return this.target;
  }
}
