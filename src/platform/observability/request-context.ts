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
  tenantId?: string;
  /** Set when an internal caller sent a valid internal key, with or without a token beside it. */
  hasInternalKey?: boolean;
  /** Set when the request carries an idempotency key. */
  idempotency?: IdempotencyClaim;
  /** The position of the database's log that its reads must not be behind; only with replicas. */
  mustSee?: number;
  /** What it was served without though it would normally have used it, for `X-Degraded`. */
  degraded?: 'cache';
  /** Why it was answered with a 5xx. */
  fault?: Error;
  /** `performance.now()` at its beginning, in milliseconds. */
  readonly startedAt: number;
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
