import type { Attributes, SpanKind } from '@opentelemetry/api';
import { runInContext, type RequestContext } from '../observability/request-context.js';
import type { TraceParent } from './trace-context.js';
import { endEntryTrace, startEntryTrace } from './tracing.js';

/** A piece of work that does not come over HTTP: a job, a call of another process, events, a frame. */
export interface Entry {
  /** Of its span: what is done, e.g. `job auth.mail`; never an id. */
  name: string;
  kind: SpanKind;
  requestId: string;
  /** The trace that caused it. */
  parent?: TraceParent | undefined;
  attributes?: Attributes;
  /** What else is known of it from the start, e.g. for whom it is done. */
  known?: Pick<RequestContext, 'principal' | 'tenantId' | 'endpoint'>;
}

/** Runs the work in a context of its own, as a part of the trace that caused it, or as a new one. */
export function runEntry<T>(entry: Entry, work: () => Promise<T>): Promise<T> {
  const { name, kind, requestId, parent, attributes = {}, known } = entry;
  const context: RequestContext = {
    requestId,
    startedAt: performance.now(),
    ...startEntryTrace(name, kind, parent),
    ...known,
  };
  return runInContext(context, async () => {
    try {
      const result = await work();
      endEntryTrace(context, undefined, () => ({ name, kind, attributes }));
      return result;
    } catch (error) {
      endEntryTrace(context, error, () => ({ name, kind, attributes }));
      throw error;
    }
  });
}
