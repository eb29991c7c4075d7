import type { LogLevel } from './logging.config.js';

/** A level that holds for a while. */
export interface Override {
  level: LogLevel;
  /** `Date.now()` at its end. */
  until: number;
}

/** Which level each module has: the one of the configuration, unless somebody asked for another for a while. */
export class LevelTable {
  private everywhere: Override | undefined;
  private readonly modules = new Map<string, Override>();

  /** @param base the level of the configuration */
  constructor(public base: LogLevel) {}

  of(module: string): LogLevel {
    return this.overrideOf(module)?.level ?? this.base;
  }

  /** What is asked for this module at the moment; a wish for it alone goes before one for all. */
  overrideOf(module: string): Override | undefined {
    return this.modules.get(module) ?? this.everywhere;
  }

  /** @param module undefined for all: what was asked for single modules is then forgotten */
  set(module: string | undefined, override: Override): void {
    if (module !== undefined) {
      this.modules.set(module, override);
      return;
    }
    this.modules.clear();
    this.everywhere = override;
  }

  /** Forgets what is over. @returns whether there was anything */
  expire(now: number): boolean {
    const over = [...this.modules].filter(([, { until }]) => until <= now);
    for (const [module] of over) this.modules.delete(module);
    if (this.everywhere === undefined || this.everywhere.until > now) return over.length > 0;
    this.everywhere = undefined;
    return true;
  }
}
