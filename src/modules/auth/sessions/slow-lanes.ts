import { setTimeout as pause } from 'node:timers/promises';

/** Attempts that may wait for one account: as many as have their turn in time. */
const PER_LANE = 20;
const PATIENCE_MS = 10_000;
/** Instances that share a lane do not all come back at the same moment, of which one would always be the first. */
const JITTER_MS = 100;

/** Who waits: the fewer attempts before, the sooner it is their turn; equals in the order they came. */
export interface Waiting {
  lane: string;
  attempts: number;
}

interface Place extends Waiting {
  /** @param mayGo whether it is their turn, or they cannot wait any more */
  settle: (mayGo: boolean) => void;
}

/** Takes a turn. @returns 0, or how many milliseconds to wait before there is one */
type TakeTurn = () => Promise<number>;

/**
 * Bounded queues, one a lane. Who comes to a full lane after fewer attempts than the last in it takes
 * that one's place, so that attackers cannot keep others out by filling it. When all lanes together are
 * full, who comes to a shorter one takes the place of the last in the longest: nor can they by filling
 * the lanes of others.
 */
export class SlowLanes {
  private readonly lanes = new Map<string, Place[]>();
  private readonly served = new Set<string>();
  private size = 0;

  /** @param inAll attempts that may wait in this process; each is a request in flight */
  constructor(
    private readonly inAll: number,
    private readonly patienceMs = PATIENCE_MS,
  ) {}

  /** @returns whether it was their turn; false when they could not wait, waited too long, or gave up */
  wait(waiting: Waiting, takeTurn: TakeTurn, signal?: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const giveUp = (): void => this.remove(place, false);
      const timer = setTimeout(giveUp, this.patienceMs);
      const place: Place = {
        ...waiting,
        settle: (mayGo) => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', giveUp);
          resolve(mayGo);
        },
      };
      if (!this.enter(place)) return place.settle(false);
      signal?.addEventListener('abort', giveUp, { once: true });
      void this.serve(waiting.lane, takeTurn);
    });
  }

  private enter(place: Place): boolean {
    const lane = this.lanes.get(place.lane) ?? [];
    if (lane.length >= PER_LANE || this.size >= this.inAll) {
      const other = this.whoMakesPlace(lane, place);
      if (!other) return false;
      this.remove(other, false);
    }
    const behind = lane.findIndex(({ attempts }) => attempts > place.attempts);
    lane.splice(behind < 0 ? lane.length : behind, 0, place);
    this.lanes.set(place.lane, lane);
    this.size++;
    return true;
  }

  private whoMakesPlace(lane: Place[], place: Place): Place | undefined {
    const last = lane.at(-1);
    if (last && last.attempts > place.attempts) return last;
    if (lane.length >= PER_LANE) return undefined;
    // Only as long as it is the longer one afterwards too, or two lanes would take turns at it.
    let longest = lane;
    for (const other of this.lanes.values()) if (other.length > longest.length) longest = other;
    return longest.length > lane.length + 1 ? longest.at(-1) : undefined;
  }

  private remove(place: Place, mayGo: boolean): void {
    const lane = this.lanes.get(place.lane);
    const at = lane?.indexOf(place) ?? -1;
    if (!lane || at < 0) return;
    lane.splice(at, 1);
    if (lane.length === 0) this.lanes.delete(place.lane);
    this.size--;
    place.settle(mayGo);
  }

  /** Lets the first of a lane go whenever there is a turn, until nobody waits; one at a time does so. */
  private async serve(name: string, takeTurn: TakeTurn): Promise<void> {
    if (this.served.has(name)) return;
    this.served.add(name);
    try {
      while (this.lanes.has(name)) {
        const restMs = await takeTurn();
        const first = this.lanes.get(name)?.[0];
        if (restMs > 0) await pause(restMs + Math.random() * JITTER_MS);
        else if (first) this.remove(first, true);
      }
    } finally {
      this.served.delete(name);
    }
  }
}
