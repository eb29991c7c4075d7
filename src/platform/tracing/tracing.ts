import {
  context,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Attributes,
  type Context,
  type Span,
} from '@opentelemetry/api';
import { codeOf } from '../errors/code-of.js';
import { requestContext, type RequestContext } from '../observability/request-context.js';
import { withIds } from './preset-ids.js';
import { newSpanId, newTraceId, type TraceParent } from './trace-context.js';
import type { TracingConfig } from './tracing.config.js';

/** Marks the spans that start a trace here; the sampler of `tracing-preload.ts` records only these roots. */
export const ENTRY_ATTRIBUTE = 'mainstay.entry';

/** Steps that are kept of work that is not sampled, in case it turns out to be worth a trace. */
const MAX_STEPS = 64;

const tracer = trace.getTracer('mainstay');
let enabled = false;
let config: Pick<TracingConfig, 'sampleRatio' | 'slowMs' | 'maxKeptPerSecond'> = {
  sampleRatio: 0,
  slowMs: Infinity,
  maxKeptPerSecond: 0,
};

/** Called by the preload once an exporter runs; without it nothing here creates a span. */
export function enableTracing(): void {
  enabled = true;
}

export function configureTracing(given: TracingConfig): void {
  config = given;
}

/** The trace of a piece of work: its ids, and a span only when it is sampled. */
export type EntryTrace = Pick<RequestContext, 'traceId' | 'spanId' | 'parent' | 'span'>;

/**
 * Decides whether the work is traced, before any span object exists: creating spans costs 73 µs a
 * request with the stock instrumentation even at 0 % sampling, deciding first costs 0.1 µs.
 *
 * @param parent the caller's trace; its decision is kept
 */
export function startEntryTrace(name: string, kind: SpanKind, parent?: TraceParent): EntryTrace {
  const ids = { traceId: parent?.traceId ?? newTraceId(), spanId: newSpanId() };
  const entry = parent ? { ...ids, parent } : ids;
  const sampled = enabled && (parent ? parent.sampled : Math.random() < config.sampleRatio);
  return sampled ? { ...entry, span: entrySpan(entry, name, kind) } : entry;
}

/** What is said of a piece of work that is recorded. */
export interface Outcome {
  name: string;
  kind: SpanKind;
  attributes: Attributes;
}

/**
 * Ends the trace of the work. Work that was not sampled but failed or took long is recorded now, with
 * its steps: what an operator looks for is what went wrong.
 *
 * @param error the fault, where there was one; an answer that says no is none
 * @param describe asked only when the work is recorded
 * @returns whether the trace is recorded, so that somebody who is given its id finds it
 */
export function endEntryTrace(
  work: RequestContext,
  error: unknown,
  describe: () => Outcome,
): boolean {
  if (work.span) {
    work.handler?.end();
    close(work.span, describe(), error);
    return true;
  }
  if (!enabled) return false;
  const failed = error !== undefined;
  const slow = performance.now() - work.startedAt >= config.slowMs;
  if ((!failed && !slow) || !mayKeep()) return false;
  const outcome = describe();
  const span = entrySpan(work, outcome.name, outcome.kind, work.startedAt);
  const below = trace.setSpan(context.active(), span);
  for (const { name, attributes, startedAt, endedAt, error: stumbled } of work.steps ?? []) {
    const step = tracer.startSpan(
      name,
      { kind: SpanKind.CLIENT, attributes, startTime: startedAt },
      below,
    );
    if (stumbled !== undefined) fail(step, stumbled);
    // What still runs is what the work has waited for: a handler that was given up, most of all.
    if (endedAt === undefined) step.setAttribute('mainstay.unfinished', true);
    step.end(endedAt);
  }
  span.setAttribute('mainstay.kept', failed ? 'error' : 'slow');
  close(span, outcome, error);
  return true;
}

/** Runs `work` in a child span of the sampled trace at hand; otherwise it is at most noted as a step. */
export function traced<T>(
  name: string,
  attributes: Attributes,
  work: () => Promise<T>,
): Promise<T> {
  if (!enabled) return work();
  const entry = requestContext();
  if (!entry) return work();
  return entry.span ? inSpan(name, attributes, work) : asStep(entry, name, attributes, work);
}

/** From here on spans are children of this one: the handler's, below the request's. */
export function startHandler(name: string): void {
  const work = requestContext();
  if (!work?.span || work.handler) return;
  work.handler = tracer.startSpan(name, { kind: SpanKind.INTERNAL });
}

/** The `traceparent` to hand on with a message, an event or a job. */
export function currentTraceParent(): TraceParent | undefined {
  const work = requestContext();
  if (!work) return undefined;
  const span = work.span && (trace.getSpan(context.active()) ?? work.span);
  return {
    traceId: work.traceId,
    spanId: span?.spanContext().spanId ?? work.spanId,
    sampled: work.span !== undefined,
  };
}

/** A span that is over already, in the trace of `parent`: what only its end has told of. */
export function recordSpan(
  parent: TraceParent,
  name: string,
  { kind, attributes, startedAt }: { kind: SpanKind; attributes: Attributes; startedAt: number },
): void {
  if (!enabled || !parent.sampled) return;
  tracer.startSpan(name, { kind, attributes, startTime: startedAt }, under(parent)).end();
}

function entrySpan(work: EntryTrace, name: string, kind: SpanKind, startTime?: number): Span {
  const options = {
    kind,
    attributes: { [ENTRY_ATTRIBUTE]: true },
    ...(startTime !== undefined && { startTime }),
  };
  const { parent } = work;
  const from = parent ? under(parent) : trace.deleteSpan(context.active());
  return withIds(work, () => tracer.startSpan(name, options, from));
}

function under({ traceId, spanId }: TraceParent): Context {
  return trace.setSpanContext(context.active(), {
    traceId,
    spanId,
    traceFlags: TraceFlags.SAMPLED,
    isRemote: true,
  });
}

async function inSpan<T>(name: string, attributes: Attributes, work: () => Promise<T>): Promise<T> {
  const span = tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes });
  try {
    return await context.with(trace.setSpan(context.active(), span), work);
  } catch (error) {
    fail(span, error);
    throw error;
  } finally {
    span.end();
  }
}

async function asStep<T>(
  entry: RequestContext,
  name: string,
  attributes: Attributes,
  work: () => Promise<T>,
): Promise<T> {
  const step: Step = { name, attributes, startedAt: performance.now() };
  const steps = (entry.steps ??= []);
  if (steps.length < MAX_STEPS) steps.push(step);
  try {
    return await work();
  } catch (error) {
    step.error = error;
    throw error;
  } finally {
    step.endedAt = performance.now();
  }
}

/** What work did, in case it is recorded in the end. Times are those of `performance.now()`. */
export interface Step {
  name: string;
  attributes: Attributes;
  startedAt: number;
  /** Absent while it runs. */
  endedAt?: number;
  error?: unknown;
}

function close(span: Span, { name, attributes }: Outcome, error: unknown): void {
  span.updateName(name).setAttributes(attributes);
  if (error !== undefined) fail(span, error);
  span.end();
}

/** The code and no message: a driver's message can hold the values of a row. */
function fail(span: Span, error: unknown): void {
  span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute('error.type', codeOf(error));
}

let keptInSecond = 0;
let second = 0;

/** In an outage every request fails: some of them tell what all would. */
function mayKeep(): boolean {
  const now = Math.floor(performance.now() / 1000);
  if (now !== second) {
    second = now;
    keptInSecond = 0;
  }
  return keptInSecond++ < config.maxKeptPerSecond;
}
