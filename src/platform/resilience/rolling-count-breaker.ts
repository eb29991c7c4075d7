import type { IBreaker } from 'cockatiel';

/**
 * Opens at `failures` failures within `windowMs`. The breakers of cockatiel count in a row or in
 * shares; a count in a window needs this one, a ring of the last failures' times.
 */
export class RollingCountBreaker implements IBreaker {
  /** Part of cockatiel's interface, for breakers that outlive a process; ours do not. */
  state: unknown;
  private readonly times: number[] = [];

  constructor(
    private readonly failures: number,
    private readonly windowMs: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  success(): void {
    // A success between two failures does not make the dependency sound.
  }

  failure(): boolean {
    const now = this.now();
    this.times.push(now);
    if (this.times.length > this.failures) this.times.shift();
    return this.times.length === this.failures && (this.times[0] ?? now) > now - this.windowMs;
  }

  /** Failures that still count. */
  get count(): number {
    const from = this.now() - this.windowMs;
    return this.times.filter((time) => time > from).length;
  }

  clear(): void {
    this.times.length = 0;
  }
}
