/** What a report says beside the error; who asked for what is taken from the context of the work at hand. */
export interface ErrorFacts {
  level: 'error' | 'fatal';
  /** A code of the catalogue, or the event of the log record that tells of the same error. */
  code: string;
  /** The area that reports it, as its logger is called. */
  module: string;
  /** Pattern of the route, name of the queue or of the consumer: never with an id in it. */
  route?: string;
}

/**
 * Where faults of our own are collected for people to look at, beside the log. Reporting never throws,
 * never waits and never blocks; nothing depends on it.
 */
export abstract class ErrorTracker {
  abstract report(error: unknown, facts: ErrorFacts): void;
}

/** Without a receiver: the log has everything. */
export class NoErrorTracker extends ErrorTracker {
  report(): void {
    // There is nobody to tell.
  }
}
