/** Counters at one moment, by name; a histogram is one counter a bucket. */
export type Counters = ReadonlyMap<string, readonly number[]>;

interface Sample {
  at: number;
  values: Map<string, number[]>;
}

/** How much counters have grown within the last while. */
export class Increases {
  private readonly samples: Sample[] = [];
  /** What counters had reached before they began anew. */
  private readonly carried = new Map<string, number[]>();
  private last: Counters = new Map();

  /** @param spanMs how far it looks back */
  constructor(private readonly spanMs: number) {}

  /** @param at milliseconds of a clock that is never set back */
  add(at: number, counters: Counters): void {
    const values = new Map<string, number[]>();
    for (const [name, counts] of counters) {
      const before = this.last.get(name) ?? [];
      const carried = this.carried.get(name) ?? counts.map(() => 0);
      // Less than before: it was reset, and what it says now came on top.
      if (counts.some((count, n) => count < (before[n] ?? 0)))
        counts.forEach((_, n) => (carried[n] = (carried[n] ?? 0) + (before[n] ?? 0)));
      this.carried.set(name, carried);
      values.set(
        name,
        counts.map((count, n) => count + (carried[n] ?? 0)),
      );
    }
    this.last = counters;
    this.samples.push({ at, values });
    // One sample from before the span stays: the growth is counted from there.
    while ((this.samples[1]?.at ?? at) <= at - this.spanMs) this.samples.shift();
  }

  /** The time between the samples that are compared. */
  get seconds(): number {
    const [first] = this.samples;
    return ((this.samples.at(-1)?.at ?? 0) - (first?.at ?? 0)) / 1000;
  }

  /** A counter that is new began at nothing. */
  of(name: string): readonly number[] {
    const now = this.samples.at(-1)?.values.get(name) ?? [];
    const before = this.samples[0]?.values.get(name);
    return before ? now.map((count, n) => count - (before[n] ?? 0)) : now;
  }

  names(): string[] {
    return [...(this.samples.at(-1)?.values.keys() ?? [])];
  }
}
