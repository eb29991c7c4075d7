import {
  CircuitState,
  circuitBreaker,
  handleWhen,
  isBrokenCircuitError,
  isIsolatedCircuitError,
  type CircuitBreakerPolicy,
} from 'cockatiel';
import { codeOf } from '../errors/code-of.js';
import { platformErrors } from '../errors/platform.errors.js';
import type { Chaos } from './chaos.js';
import type { ResilienceConfig } from './resilience.config.js';
import { resilienceTelemetry, type BreakerState } from './resilience.telemetry.js';
import { RollingCountBreaker } from './rolling-count-breaker.js';

/** What one use of a breaker decides for itself. */
export interface BreakerOptions {
  /**
   * Whether an error is the dependency's fault. An answer that says «no» (a constraint, a 404) is an
   * answer: only what shows that the dependency does not work may count.
   */
  isFailure: (error: unknown) => boolean;
  /** Resolves when the dependency answers; asked in the background while the breaker is open. */
  probe?: () => Promise<unknown>;
  /** What is done without the dependency, for whoever reads `/ops/breakers`. */
  fallback: string;
  /** Cuts a connection on purpose (`chaos.*.dropShare`). */
  drop?: () => void;
  /** Calls of the first moments of an outage wait this long for its end instead of failing. */
  holdMs?: number;
}

/** What `/ops/breakers` tells of a breaker. */
export interface BreakerReport {
  name: string;
  state: BreakerState;
  fallback: string;
  /** Whether faults are made on purpose (`chaos.*`). */
  chaos: boolean;
  /** Failures within the window. */
  failures: number;
  /** RFC 3339; null while it is closed. */
  openedAt: string | null;
  /** Code of the last failure; null when there was none. */
  lastError: string | null;
}

/** Callers that wait at most for the end of a short outage; beyond it they are refused at once. */
const MAX_HELD = 1000;
/** In its first seconds an outage may be a restart: the probe then looks ten times as often. */
const EAGER_MS = 5000;
const EAGER_TIMES = 10;

/**
 * A circuit breaker of one dependency: closed, open after N failures in a window, half-open for one
 * trial after a while, and closed at once when the background probe is answered.
 */
export class Breaker {
  private readonly policy: CircuitBreakerPolicy;
  private readonly failures: RollingCountBreaker;
  private readonly listeners: { opened: (() => void)[]; closed: (() => void)[] };
  private openedAt: number | undefined;
  private lastError: unknown;
  private hold: { dispose(): void } | undefined;
  private readonly waiting: (() => void)[] = [];
  private probing: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    readonly name: string,
    private readonly config: ResilienceConfig,
    private readonly options: BreakerOptions,
    private readonly chaos?: Chaos,
  ) {
    this.listeners = { opened: [], closed: [] };
    this.failures = new RollingCountBreaker(
      config.breakerFailures,
      config.breakerWindowSeconds * 1000,
    );
    this.policy = circuitBreaker(
      handleWhen((error) => this.judge(error)),
      { halfOpenAfter: config.breakerOpenSeconds * 1000, breaker: this.failures },
    );
    this.policy.onStateChange((state) => this.moved(state));
    resilienceTelemetry.state(name, 'closed');
  }

  get isOpen(): boolean {
    return this.openedAt !== undefined;
  }

  /**
   * Runs a call to the dependency.
   *
   * @throws AppError `dependency_unavailable` without a call while the breaker is open
   */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.openedAt !== undefined && this.options.holdMs) await this.held(this.options.holdMs);
    try {
      const { chaos } = this;
      return await this.policy.execute(chaos ? () => chaos(work) : work);
    } catch (error) {
      if (isBrokenCircuitError(error) || isIsolatedCircuitError(error)) throw this.refusal();
      throw error;
    }
  }

  /** Opens at once: somebody saw that the dependency is gone, without waiting for calls to fail. */
  trip(reason: unknown): void {
    this.lastError = reason;
    this.hold ??= this.policy.isolate();
  }

  /** Closes it, whatever the reason was; if the dependency is still bad it opens again. */
  reset(): void {
    this.failures.clear();
    if (!this.isOpen) return;
    const hold = this.hold ?? this.policy.isolate(); // letting go is cockatiel's only way to close
    this.hold = undefined;
    hold.dispose();
  }

  onOpened(listener: () => void): void {
    this.listeners.opened.push(listener);
  }

  onClosed(listener: () => void): void {
    this.listeners.closed.push(listener);
  }

  /** For readiness. @throws while it is open, with the code of the last failure */
  check(): Promise<void> {
    if (!this.isOpen) return Promise.resolve();
    const code = this.report().lastError;
    return Promise.reject(Object.assign(new Error(`${this.name} is left alone`), { code }));
  }

  report(): BreakerReport {
    return {
      name: this.name,
      state: this.state,
      fallback: this.options.fallback,
      chaos: this.chaos !== undefined,
      failures: this.failures.count,
      openedAt: this.openedAt === undefined ? null : new Date(this.openedAt).toISOString(),
      lastError: this.lastError === undefined ? null : codeOf(this.lastError),
    };
  }

  /** No more background work; who waits is let go. */
  stop(): void {
    this.stopped = true;
    clearTimeout(this.probing);
    this.letGo();
  }

  private get state(): BreakerState {
    if (this.openedAt === undefined) return 'closed';
    return this.policy.state === CircuitState.HalfOpen ? 'half_open' : 'open';
  }

  private judge(error: unknown): boolean {
    if (!this.options.isFailure(error)) return false;
    this.lastError = error;
    resilienceTelemetry.failure(this.name);
    return true;
  }

  private moved(state: CircuitState): void {
    if (state === CircuitState.Closed) this.closed();
    else if (this.openedAt === undefined) this.opened();
    resilienceTelemetry.state(this.name, this.state);
  }

  private opened(): void {
    this.openedAt = Date.now();
    resilienceTelemetry.opened(this.name, this.lastError);
    for (const listener of this.listeners.opened) listener();
    this.probeLater();
  }

  private closed(): void {
    clearTimeout(this.probing);
    if (this.openedAt === undefined) return;
    resilienceTelemetry.closed(this.name, Date.now() - this.openedAt);
    this.openedAt = undefined;
    this.failures.clear();
    for (const listener of this.listeners.closed) listener();
    this.letGo();
  }

  private probeLater(): void {
    const { probe } = this.options;
    if (!probe || this.stopped || this.openedAt === undefined) return;
    const every = this.config.breakerProbeSeconds * 1000;
    const eager = Date.now() - this.openedAt < EAGER_MS;
    this.probing = setTimeout(
      () =>
        void probe().then(
          () => this.isOpen && this.reset(),
          () => this.probeLater(), // why it opened says more than why it stays so
        ),
      eager ? every / EAGER_TIMES : every,
    );
  }

  /** Waits for the end of a short outage, for what is left of its first `holdMs`. */
  private async held(holdMs: number): Promise<void> {
    const left = (this.openedAt ?? 0) + holdMs - Date.now();
    if (left <= 0 || this.stopped || this.waiting.length >= MAX_HELD) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, left);
      this.waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  private letGo(): void {
    for (const go of this.waiting.splice(0)) go();
  }

  private refusal(): Error {
    return platformErrors.dependency_unavailable({
      detail: `The ${this.name} does not answer at the moment.`,
      cause: this.lastError === undefined ? undefined : new LeftAloneError(this.lastError),
      headers: { 'retry-after': '2' },
    });
  }
}

/** Why a call was not made, for the log: what the last one met, without the stack of who made that. */
class LeftAloneError extends Error {
  readonly code: string;
  constructor(lastError: unknown) {
    super(`not called; last time: ${lastError instanceof Error ? lastError.message : 'it failed'}`);
    this.code = codeOf(lastError);
  }
}
