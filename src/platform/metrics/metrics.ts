import { Counter, Gauge, Histogram } from 'prom-client';

/** Seconds; from half a millisecond (a cached read) to ten seconds (the query timeout). */
const DURATION_BUCKETS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

/** A counter of `contract/operations`: labels hold small fixed sets, never an id or user text. */
export function counter<L extends string = never>(
  name: string,
  help: string,
  labelNames: L[] = [],
): Counter<L> {
  return new Counter({ name, help, labelNames });
}

export function gauge<L extends string = never>(
  name: string,
  help: string,
  labelNames: L[] = [],
  collect?: (this: Gauge<L>) => void | Promise<void>,
): Gauge<L> {
  return new Gauge({ name, help, labelNames, ...(collect && { collect }) });
}

/** A histogram of durations in seconds. */
export function durations<L extends string = never>(
  name: string,
  help: string,
  labelNames: L[] = [],
  buckets = DURATION_BUCKETS,
): Histogram<L> {
  return new Histogram({ name, help, labelNames, buckets });
}
