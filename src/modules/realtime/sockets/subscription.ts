import type { Principal } from '../../../platform/security/principal.js';

/** Who gets the events of a subscription: a connection, seen from the hub. */
export interface Receiver {
  readonly principal: Principal | undefined;
  /** @returns false when it has this event already, through another of its topics */
  sendEvent(offset: number, frame: string): boolean;
}

/** A topic of one receiver: which channels it listens to, and whether it is caught up. */
export class Subscription {
  /**
   * Whether the hub's events are sent. Not before the frame that opened it is answered: what comes
   * while the topic is opened or the log is replayed is left to the replay, which sends it in order.
   */
  live = false;
  readonly channels = new Set<string>();

  constructor(
    readonly receiver: Receiver,
    readonly topic: string,
  ) {}
}
