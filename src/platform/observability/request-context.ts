import { AsyncLocalStorage } from 'node:async_hooks';
import type { Span } from '@opentelemetry/api';
import type { Step } from '../tracing/tracing.js';
import type { TraceParent } from '../tracing/trace-context.js';
import type { Principal } from '../security/principal.js';
import type { IdempotencyClaim } from '../idempotency/claim.js';

/**
 * What is known of the work at hand, be it a request, a socket event or a job. It is reachable from
 * every function that runs for it, so that no feature code passes ids around for logs and traces.
 */
export interface RequestContext {
  readonly requestId: string;
  /** W3C trace id, 32 hex digits, present whether the trace is sampled or not. */
  traceId: string;
  /** W3C span id, 16 hex digits: that of the entry span, whether there is one or not. */
  spanId: string;
  /** The trace that caused this work. */
  parent?: TraceParent;
  /** The entry span, only when this trace is sampled. */
  span?: Span;
  /** The span of the handler, below it. */
  handler?: Span;
  /** What was done without being sampled, for work that fails or takes long in the end. */
  steps?: Step[];
  principal?: Principal;
  /** Where an HTTP request came from; made when it is asked for. */
  readonly origin?: () => Origin;
  tenantId?: string;
  /** Set when an internal caller sent a valid internal key, with or without a token beside it. */
  hasInternalKey?: boolean;
  /** Set when it has come to its route's guards, which count it for the limits. */
  isAtDoor?: boolean;
  /** Set when the request carries an idempotency key. */
  idempotency?: IdempotencyClaim;
  /** The position of the database's log that its reads must not be behind; only with replicas. */
  mustSee?: number;
  /** What it was served without though it would normally have used it, for `X-Degraded`. */
  degraded?: 'cache';
  /** Set when its answer ends when the caller hangs up: how long that takes says nothing. */
  isStream?: boolean;
  /** Why it was answered with a 5xx. */
  fault?: Error;
  /** What is asked for, where no access log record says it: the operation of a socket's frame. */
  endpoint?: string;
  /** `performance.now()` at its beginning, in milliseconds. */
  readonly startedAt: number;
}

/** Where a request came from. */
export interface Origin {
  ip: string;
  /** Its `User-Agent`, cut to 200 characters. */
  device: string;
}

const storage = new AsyncLocalStorage<RequestContext>();

/** The context of the work at hand, or undefined outside of any. */
export function requestContext(): RequestContext | undefined {
  return storage.getStore();
}

/** Runs work that belongs to no single request, e.g. a query that many of them share. */
export function runOutsideContext<T>(work: () => T): T {
  return storage.exit(work);
}

export function runInContext<T>(context: RequestContext, work: () => T): T {
  return storage.run(context, work);
}
