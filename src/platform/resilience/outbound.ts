import {
  bulkhead,
  isBulkheadRejectedError,
  isTaskCancelledError,
  timeout,
  TimeoutStrategy,
  type BulkheadPolicy,
  type TimeoutPolicy,
} from 'cockatiel';
import { setTimeout as pause } from 'node:timers/promises';
import { platformErrors } from '../errors/platform.errors.js';
import { traced } from '../tracing/tracing.js';
import type { Breaker } from './breaker.js';

/** How calls to something outside of this process are bounded. */
export interface OutboundBounds {
  timeoutMs: number;
  /** Calls under way at once. */
  concurrency: number;
  /** Calls that may wait for their turn; more are refused with 503. */
  queue: number;
}

/** A call; the signal tells it that nobody waits for it any more. */
type Call<T> = (signal: AbortSignal) => Promise<T>;

/** One repeat, a little later than everybody else's. */
const REPEAT_MS = 50;

/** Whether the call cannot have been answered: there was no connection, or it broke. */
function isLost(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return (
    (typeof code === 'string' && /^E(CONNREFUSED|CONNRESET|PIPE|HOSTUNREACH)$/.test(code)) ||
    (typeof message === 'string' && message.includes('Connection closed'))
  );
}

/**
 * Calls to one peer: bulkhead → (one repeat of what lost its connection) → breaker → timeout. A peer
 * repeats what it lost by itself, so an answer that says no is never asked for again.
 */
export class Outbound {
  private readonly bulkhead: BulkheadPolicy;
  private readonly timeout: TimeoutPolicy;

  constructor(
    private readonly breaker: Breaker,
    { timeoutMs, concurrency, queue }: OutboundBounds,
  ) {
    this.bulkhead = bulkhead(concurrency, queue);
    this.timeout = timeout(timeoutMs, TimeoutStrategy.Aggressive);
  }

  /**
   * @param options `repeatable`: a second call does no harm (a read, an absolute value); `name` of its span
   * @throws AppError `overloaded` when the queue is full, `dependency_unavailable` while the breaker
   *   is open; else what the call throws
   */
  async run<T>(
    call: Call<T>,
    { repeatable = false, name = `call ${this.breaker.name}` } = {},
  ): Promise<T> {
    const attributes = { 'server.address': this.breaker.name };
    const spanned: Call<T> = (signal) => traced(name, attributes, () => call(signal));
    try {
      return await this.bulkhead.execute(() =>
        repeatable ? this.twice(spanned) : this.guarded(spanned),
      );
    } catch (error) {
      if (!isBulkheadRejectedError(error)) throw error;
      throw platformErrors.overloaded({
        detail: `Too many calls wait for the ${this.breaker.name}.`,
        headers: { 'retry-after': '1' },
      });
    }
  }

  private async twice<T>(call: Call<T>): Promise<T> {
    try {
      return await this.guarded(call);
    } catch (error) {
      // What took its time had it; and what was answered, the peer has repeated by itself where that helps.
      if (this.breaker.isOpen || isTaskCancelledError(error) || !isLost(error)) throw error;
      await pause(REPEAT_MS * (0.5 + Math.random()));
      return this.guarded(call);
    }
  }

  private guarded<T>(call: Call<T>): Promise<T> {
    return this.breaker.run(() => this.timeout.execute(({ signal }) => call(signal)));
  }
}
