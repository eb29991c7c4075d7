import {
  Counter,
  Gauge,
  Histogram,
  register,
  Registry,
  type OpenMetricsContentType,
} from 'prom-client';

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

/**
 * The same, whose buckets keep the trace id of the last recorded trace that fell into them. Readers
 * that ask for OpenMetrics get them (`open-metrics.ts`).
 */
export function tracedDurations<L extends string = never>(
  name: string,
  help: string,
  labelNames: L[] = [],
  buckets = DURATION_BUCKETS,
): TracedHistogram<L> {
  // The client allows exemplars only in a registry that is rendered as OpenMetrics; ours is rendered as both.
  const openMetrics = new Registry<OpenMetricsContentType>();
  openMetrics.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  const registers = [openMetrics as unknown as Registry];
  const histogram = new Histogram({
    ...{ name, help, labelNames, buckets },
    ...{ registers, enableExemplars: true },
  });
  register.registerMetric(histogram);
  const exemplar = (traceId: string) => ({ trace_id: traceId }) as never;
  return {
    observe(labels, value, traceId) {
      if (traceId === undefined) histogram.observe({ labels, value });
      else histogram.observe({ labels, value, exemplarLabels: exemplar(traceId) });
    },
  };
}

/** A histogram of durations whose buckets remember a trace each. */
export interface TracedHistogram<L extends string> {
  /** @param traceId only of a trace that is recorded: an exemplar must lead somewhere */
  observe(labels: Record<L, string | number>, seconds: number, traceId?: string): void;
}
