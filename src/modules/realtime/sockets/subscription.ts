import type { Principal } from '../../../platform/security/principal.js';

/** Who gets the events of a subscription: a connection, seen from the hub. */
export interface Receiver {
  readonly principal: Principal | undefined;
  /** @returns false when it has this event already, through another of its topics */
  sendEvent(offset: number, frame: string): boolean;
}

/** A topic of one receiver: which channels it listens to, and whether it is caught up. */
export class Subscription {
  /** While a resume replays the log the live events are left to it. */
  live = true;
  readonly channels = new Set<string>();

  constructor(
    readonly receiver: Receiver,
    readonly topic: string,
  ) {}
}
