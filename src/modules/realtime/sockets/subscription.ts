import type { Connection } from './connection.js';

/** A topic of one connection: which channels it listens to, and whether it is caught up. */
export class Subscription {
  /** While a resume replays the log the live events are left to it. */
  live = true;
  readonly channels = new Set<string>();

  constructor(
    readonly connection: Connection,
    readonly topic: string,
  ) {}
}
