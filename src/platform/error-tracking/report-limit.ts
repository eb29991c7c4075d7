/** Of one error so many milliseconds lie between two reports. */
const PAUSE_MS = 1000;
/** Different errors that are remembered. */
const MAX_KNOWN = 500;

interface Seen {
  at: number;
  held: number;
}

/** Lets one report a second through of each kind of error, so that an outage is no flood. */
export class ReportLimit {
  private readonly seen = new Map<string, Seen>();

  /** @returns how many were held back since the last one, or undefined when this one is held back too */
  admit(fingerprint: string, now = performance.now()): number | undefined {
    const last = this.seen.get(fingerprint);
    if (last && now - last.at < PAUSE_MS) {
      last.held++;
      return undefined;
    }
    this.seen.delete(fingerprint); // to the end: what was not seen for longest goes first
    if (this.seen.size >= MAX_KNOWN) this.seen.delete(this.seen.keys().next().value ?? '');
    this.seen.set(fingerprint, { at: now, held: 0 });
    return last?.held ?? 0;
  }
}
