import { setTimeout as pause } from 'node:timers/promises';
import type { Pool } from 'pg';
import { parsePosition, positionToSee } from './consistency.js';
import type { Replica } from './replica.js';

const LOOK_MS = 1000;
/** How long a read waits for a replica to have what its caller wrote, before it takes the primary. */
const WAIT_MS = 50;
const WAIT_STEP_MS = 5;
const SAMPLES = 120;

/**
 * The read replicas: which of them take reads, and which of those have what a caller must see.
 *
 * The lag is measured without any clock but ours: once a second the primary says where its log ends,
 * and a replica is as late as the newest of these positions that it has passed.
 */
export class Replicas {
  private readonly samples: { at: number; position: number }[] = [];
  private next = 0;
  private timer: NodeJS.Timeout | undefined;
  private sampling = false;
  private readonly looking = new Set<Replica>();

  constructor(
    private readonly primary: Pool,
    readonly all: readonly Replica[],
  ) {}

  async start(): Promise<void> {
    await this.look();
    for (const replica of this.all) replica.start();
    this.timer = setInterval(() => void this.look(), LOOK_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all(this.all.map((replica) => replica.stop()));
  }

  /**
   * The replica that takes this read; undefined means the primary.
   *
   * @param atLeast the position it must have replayed; that of the request at hand when not given
   */
  async choose(atLeast = positionToSee()): Promise<Replica | undefined> {
    const healthy = this.all.filter((replica) => replica.isHealthy);
    if (healthy.length === 0) return undefined;
    const ready = healthy.filter((replica) => replica.position >= atLeast);
    if (ready.length > 0) return ready[this.next++ % ready.length];
    return this.waitFor(healthy, atLeast);
  }

  /**
   * Where the primary's log ends now, as far as it is on disk: what was committed before is below it. The
   * end of what is only in memory no replica can reach, nor the place behind a switch of the file where the
   * next record will begin.
   */
  async end(): Promise<string> {
    const { rows } = await this.primary.query<{ position: string }>({
      name: 'replicas.end',
      text: 'SELECT pg_current_wal_flush_lsn()::text AS position',
    });
    return rows[0]?.position ?? '0/0';
  }

  private async waitFor(healthy: Replica[], atLeast: number): Promise<Replica | undefined> {
    const until = performance.now() + WAIT_MS;
    const replica = healthy[this.next++ % healthy.length];
    while (replica && performance.now() < until) {
      try {
        const left = until - performance.now();
        const position = await Promise.race([replica.look(), pause(left, 0)]);
        if (position >= atLeast) return replica;
      } catch {
        return undefined; // its own look in the background says why
      }
      await pause(WAIT_STEP_MS);
    }
    return undefined;
  }

  private async look(): Promise<void> {
    await this.sample();
    await Promise.all(this.all.map((replica) => this.measure(replica)));
  }

  private async sample(): Promise<void> {
    if (this.sampling) return;
    this.sampling = true;
    try {
      const position = parsePosition(await this.end());
      if (position === undefined) return;
      this.samples.push({ at: performance.now(), position });
      if (this.samples.length > SAMPLES) this.samples.shift();
    } catch {
      // Without the primary the lag cannot be measured; the breaker of the primary tells of it, and a
      // replica that goes on answering goes on being read.
    } finally {
      this.sampling = false;
    }
  }

  private async measure(replica: Replica): Promise<void> {
    if (this.looking.has(replica)) return; // one that is slow holds up none of the others
    this.looking.add(replica);
    try {
      const position = await replica.look();
      const passed = this.samples.findLast((sample) => sample.position <= position);
      const newest = this.samples.at(-1);
      if (passed === newest) replica.note(0);
      else replica.note(passed && (performance.now() - passed.at) / 1000);
    } catch (error) {
      replica.note(undefined, error);
    } finally {
      this.looking.delete(replica);
    }
  }
}
