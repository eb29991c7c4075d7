import { loggerOf } from '../logging/logger.js';
import { counter, gauge } from '../metrics/metrics.js';

const log = loggerOf('resilience');

const stateGauge = gauge(
  'circuit_breaker_state',
  'State of a breaker: 0 closed, 1 half-open, 2 open.',
  ['name'],
);
const failuresTotal = counter(
  'circuit_breaker_failures_total',
  'Calls that failed because of the dependency behind a breaker.',
  ['name'],
);

/** The states of a breaker, as `/ops/breakers` and the metric name them. */
export type BreakerState = 'closed' | 'half_open' | 'open';

const level = { closed: 0, half_open: 1, open: 2 } as const;

/** What is counted and logged of breakers. */
export const resilienceTelemetry = {
  failure(name: string): void {
    failuresTotal.inc({ name });
  },

  state(name: string, state: BreakerState): void {
    stateGauge.set({ name }, level[state]);
  },

  chaos(name: string): void {
    log.warn(
      { event: 'chaos', breaker: name },
      `faults are made on purpose in calls to ${name} (chaos.*)`,
    );
  },

  opened(name: string, reason: unknown): void {
    log.warn(
      { err: reason, event: 'breaker_opened', breaker: name },
      `${name} keeps failing and is left alone until it answers again`,
    );
  },

  closed(name: string, openMs: number): void {
    log.info(
      { event: 'breaker_closed', breaker: name, open_ms: Math.round(openMs) },
      `${name} is in use again`,
    );
  },
};
