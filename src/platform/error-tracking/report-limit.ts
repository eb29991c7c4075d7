/** Of one error so many milliseconds lie between two reports. */
const PAUSE_MS = 1000;
/** Of all errors together so many are reported in a minute: an outage has many kinds. */
const MAX_A_MINUTE = 60;
const MINUTE_MS = 60_000;
/** Different errors that are remembered. */
const MAX_KNOWN = 500;

interface Seen {
  /** When it was reported last. */
  at: number;
  held: number;
}

/** Lets one report a second through of each kind of error, and few a minute of all, so that an outage is no flood. */
export class ReportLimit {
  private readonly seen = new Map<string, Seen>();
  private minute = { start: Number.NEGATIVE_INFINITY, admitted: 0 };

  /** @returns how many were held back since the last one, or undefined when this one is held back too */
  admit(fingerprint: string, now = performance.now()): number | undefined {
    const last = this.seen.get(fingerprint) ?? { at: Number.NEGATIVE_INFINITY, held: 0 };
    if (now - last.at < PAUSE_MS || this.isFull(now)) {
      this.remember(fingerprint, { at: last.at, held: last.held + 1 });
      return undefined;
    }
    this.minute.admitted++;
    this.remember(fingerprint, { at: now, held: 0 });
    return last.held;
  }

  private isFull(now: number): boolean {
    if (now - this.minute.start >= MINUTE_MS) this.minute = { start: now, admitted: 0 };
    return this.minute.admitted >= MAX_A_MINUTE;
  }

  private remember(fingerprint: string, seen: Seen): void {
    this.seen.delete(fingerprint); // to the end: what was not seen for longest goes first
    if (this.seen.size >= MAX_KNOWN) this.seen.delete(this.seen.keys().next().value ?? '');
    this.seen.set(fingerprint, seen);
  }
}
