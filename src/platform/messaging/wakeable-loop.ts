import { runOutsideContext } from '../observability/request-context.js';

/** How a loop is paced. */
export interface Pace {
  /** It also runs this often without being woken. */
  everyMs: number;
  /** It rests this long between rounds; wakes that arrive meanwhile become one round. */
  restMs: number;
}

/**
 * Work that is done in rounds, one at a time, when something calls for it: many wakes in a row are
 * one round, and a wake during a round leads to another one.
 */
export class WakeableLoop {
  private running: Promise<void> | undefined;
  private again = false;
  private interval: NodeJS.Timeout | undefined;
  private rest: NodeJS.Timeout | undefined;
  private stopped = false;

  /** @param round must not throw */
  constructor(
    private readonly round: () => Promise<void>,
    private readonly pace: Pace,
  ) {}

  start(): void {
    this.interval = setInterval(() => this.wake(), this.pace.everyMs);
    this.wake();
  }

  wake(): void {
    if (this.stopped) return;
    if (this.running || this.rest) {
      this.again = true;
      return;
    }
    // Not in the context of whoever happened to wake it.
    this.running = runOutsideContext(() => this.round()).finally(() => {
      this.running = undefined;
      if (!this.stopped) this.rest = setTimeout(() => this.rested(), this.pace.restMs);
    });
  }

  /** Ends the loop after the round that is under way. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.interval);
    clearTimeout(this.rest);
    await this.running;
  }

  private rested(): void {
    this.rest = undefined;
    if (!this.again) return;
    this.again = false;
    this.wake();
  }
}
