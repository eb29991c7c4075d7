import { setTimeout as pause } from 'node:timers/promises';

const EVERY_MS = 50;

/**
 * Does all the while what needs nothing of what is measured: a timer, or a request of its own kind. What that
 * takes, the machine takes from everybody, and no promise is about it.
 */
export class Control {
  private readonly past: { from: number; to: number }[] = [];
  private stopped = false;
  private readonly finished: Promise<void>;

  constructor(private readonly act: () => Promise<unknown> = () => Promise.resolve()) {
    this.finished = this.watch();
  }

  /** How long it took at worst, of what overlaps these two times of `Date.now()`. */
  worst(from: number, to: number): number {
    const overlapping = this.past.filter((one) => one.from < to && one.to > from);
    return Math.max(0, ...overlapping.map((one) => one.to - one.from));
  }

  /** Comes before {@link worst}: what is still under way counts as well. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.finished;
  }

  private async watch(): Promise<void> {
    while (!this.stopped) {
      const from = Date.now() + EVERY_MS; // when it is due: a timer that comes late is a part of it
      await pause(EVERY_MS);
      await this.act();
      this.past.push({ from, to: Date.now() });
    }
  }
}
