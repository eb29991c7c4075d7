import {
  context,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Attributes,
  type Span,
} from '@opentelemetry/api';
import { newTraceId, type TraceParent } from './trace-context.js';
import { requestContext } from '../observability/request-context.js';

/** Marks the spans that start a trace here; the sampler of `tracing-preload.ts` records only these roots. */
export const ENTRY_ATTRIBUTE = 'mainstay.entry';

const tracer = trace.getTracer('mainstay');
let enabled = false;
let sampleRatio = 0;

/** Called by the preload once an exporter runs; without it nothing here creates a span. */
export function enableTracing(): void {
  enabled = true;
}

export function setSampleRatio(ratio: number): void {
  sampleRatio = ratio;
}

/** The trace of a piece of work: its ids, and a span only when it is recorded. */
export interface EntryTrace {
  traceId: string;
  spanId: string;
  span?: Span;
}

/**
 * Decides whether the work is traced, before any span object exists: creating spans costs 73 µs a
 * request with the stock instrumentation even at 0 % sampling, deciding first costs 0.1 µs.
 */
export function startEntryTrace(name: string, kind: SpanKind, parent?: TraceParent): EntryTrace {
  const sampled = enabled && (parent ? parent.sampled : Math.random() < sampleRatio);
  if (!sampled) return { traceId: parent?.traceId ?? newTraceId(), spanId: parent?.spanId ?? '' };
  const from = parent
    ? trace.setSpanContext(context.active(), {
        traceId: parent.traceId,
        spanId: parent.spanId,
        traceFlags: TraceFlags.SAMPLED,
        isRemote: true,
      })
    : context.active();
  const span = tracer.startSpan(name, { kind, attributes: { [ENTRY_ATTRIBUTE]: true } }, from);
  const { traceId, spanId } = span.spanContext();
  return { traceId, spanId, span };
}

/** Runs `work` in a child span of the sampled trace at hand; without one it just runs it. */
export function traced<T>(
  name: string,
  attributes: Attributes,
  work: () => Promise<T>,
): Promise<T> {
  const parent = requestContext()?.span;
  return parent ? inSpan(parent, name, attributes, work) : work();
}

async function inSpan<T>(
  parent: Span,
  name: string,
  attributes: Attributes,
  work: () => Promise<T>,
): Promise<T> {
  const span = tracer.startSpan(
    name,
    { kind: SpanKind.CLIENT, attributes },
    trace.setSpan(context.active(), parent),
  );
  try {
    return await context.with(trace.setSpan(context.active(), span), work);
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR });
    throw error;
  } finally {
    span.end();
  }
}

/** The `traceparent` to hand on with a message, an event or a job. */
export function currentTraceParent(): TraceParent | undefined {
  const work = requestContext();
  if (!work) return undefined;
  return {
    traceId: work.traceId,
    spanId: work.spanId || '0000000000000001',
    sampled: work.span !== undefined,
  };
}
