/** How long a client may be over the limit on end before it is closed. */
const PATIENCE_MS = 5000;

/** Frames a second of one connection: a sliding window, and patience with those who do not listen. */
export class MessageLimit {
  private readonly times: number[] = [];
  private overSince: number | undefined;

  constructor(
    private readonly limit: number,
    private readonly windowMs: number,
  ) {}

  /** Judges one more frame; a dropped one tells when the next may pass. */
  judge(
    now = performance.now(),
  ): { verdict: 'pass' | 'close' } | { verdict: 'drop'; retryAfterMs: number } {
    while ((this.times[0] ?? now) <= now - this.windowMs) this.times.shift();
    if (this.times.length < this.limit) {
      // Passing once in a while does not make up for a flood: only a quiet window ends it.
      if (this.times.length < this.limit / 2) this.overSince = undefined;
      this.times.push(now);
      return { verdict: 'pass' };
    }
    this.overSince ??= now;
    if (now - this.overSince >= PATIENCE_MS) return { verdict: 'close' };
    return {
      verdict: 'drop',
      retryAfterMs: Math.max(1, Math.ceil((this.times[0] ?? now) + this.windowMs - now)),
    };
  }
}
