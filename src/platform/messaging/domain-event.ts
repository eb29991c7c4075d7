import { formatTraceParent } from '../tracing/trace-context.js';
import { currentTraceParent } from '../tracing/tracing.js';

/**
 * Something that happened, as other modules and sockets hear of it. It is stored with the change
 * itself and reaches everyone at least once, in order of `position`.
 */
export interface DomainEvent<T = unknown> {
  /** e.g. `post.created`; the names are in the module's contract. */
  type: string;
  tenantId: string;
  /** Who hears it: routing keys such as `user:<id>`; sockets subscribe to channels. */
  channels: string[];
  /** Plain JSON. */
  data: T;
  /** W3C traceparent of the work that caused it, when that is recorded. */
  trace: string | null;
}

/**
 * An event, with the trace of the work at hand.
 *
 * @param cause the event that it follows from, where work takes many at once: its trace goes on
 */
export function domainEvent<T>(
  event: Omit<DomainEvent<T>, 'trace'>,
  cause?: LoggedEvent,
): DomainEvent<T> {
  if (cause) return { ...event, trace: cause.trace };
  const trace = currentTraceParent();
  return { ...event, trace: trace?.sampled ? formatTraceParent(trace) : null };
}

/** An event that has its place in the log. */
export interface LoggedEvent {
  /** Gap-free and growing; the `offset` of the realtime contract. */
  position: number;
  type: string;
  tenantId: string;
  channels: string[];
  /** The JSON text of `data`: passed through to sockets without being parsed. */
  data: string;
  /** RFC 3339, when the change was written. */
  at: string;
  /** W3C traceparent of the change, when it was traced. */
  trace: string | null;
}
