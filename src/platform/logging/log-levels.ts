import { Injectable } from '@nestjs/common';
import { applyLevels, levelTable, loggedModules, writeAnyway } from './logger.js';
import type { LogLevel } from './logging.config.js';

/** What is asked for: a level for one module or for all, and for how long. */
export interface LevelChange {
  level: LogLevel;
  module?: string | undefined;
  expiresInSeconds: number;
}

/** What `/ops/log-level` tells. */
export interface LevelReport {
  /** The level of the configuration. */
  level: LogLevel;
  items: {
    module: string;
    level: LogLevel;
    /** RFC 3339; null where it is the level of the configuration. */
    until: string | null;
  }[];
}

/** Changes levels of this process while it runs. A change ends by itself, so that none is forgotten. */
@Injectable()
export class LogLevels {
  report(): LevelReport {
    const items = loggedModules().map((module) => {
      const override = levelTable.overrideOf(module);
      const until = override ? new Date(override.until).toISOString() : null;
      return { module, level: levelTable.of(module), until };
    });
    return { level: levelTable.base, items };
  }

  knows(module: string): boolean {
    return loggedModules().includes(module);
  }

  change({ level, module, expiresInSeconds }: LevelChange): void {
    const ms = expiresInSeconds * 1000;
    const until = Date.now() + ms;
    levelTable.set(module, { level, until });
    applyLevels();
    // Whatever the level is now: who reads the log must see why it changes.
    writeAnyway(
      'logging',
      {
        event: 'log_level_changed',
        log_module: module ?? 'all',
        log_level: level,
        until: new Date(until).toISOString(),
      },
      `the level of ${module ?? 'all modules'} is ${level} for ${expiresInSeconds} s`,
    );
    setTimeout(() => this.expire(until), ms).unref();
  }

  /** @param now the end that was set: the clock may be a moment behind the timer */
  private expire(now: number): void {
    if (!levelTable.expire(Math.max(now, Date.now()))) return;
    applyLevels();
    writeAnyway(
      'logging',
      { event: 'log_level_restored' },
      'a changed level has expired: what is configured holds again',
    );
  }
}
