import { createStackParser, type Event, type Exception } from '@sentry/core';
import { nodeStackLineParser } from '@sentry/core/server';
import { redact } from '../logging/redact.js';
import { requestContext } from '../observability/request-context.js';
import type { ErrorFacts } from './error-tracker.js';

/** What `redact` leaves of an error. */
interface SafeError {
  type?: unknown;
  message?: unknown;
  stack?: unknown;
  cause?: unknown;
}

const MAX_CAUSES = 5;
const parseStack = createStackParser(nodeStackLineParser());

/** The report of an error: redacted as the log is, and of its context only ids. */
export function eventOf(error: unknown, facts: ErrorFacts, role: string): Event {
  const chain = chainOf(redact(error));
  const { level, code, module, route } = facts;
  const [outermost] = chain;
  const work = requestContext();
  return {
    level,
    platform: 'node',
    logger: module,
    // What caused it stands before it.
    exception: { values: chain.map(exceptionOf).reverse() },
    fingerprint: [
      module,
      code,
      route ?? '',
      typeof outermost?.type === 'string' ? outermost.type : 'unknown',
      placeOf(outermost),
    ],
    tags: {
      code,
      role,
      module,
      ...(route !== undefined && { route }),
      ...(work && { request_id: work.requestId }),
      ...(work?.tenantId && { tenant_id: work.tenantId }),
    },
    ...(work?.principal && { user: { id: work.principal.userId } }),
    ...(work && {
      contexts: { trace: { trace_id: work.traceId, span_id: work.spanId || '0000000000000001' } },
    }),
  };
}

function chainOf(safe: unknown): SafeError[] {
  const chain: SafeError[] = [];
  for (let next = safe; next !== undefined && chain.length < MAX_CAUSES;) {
    const error = typeof next === 'object' && next !== null ? next : { message: next };
    chain.push(error);
    next = (error as SafeError).cause;
  }
  return chain;
}

function exceptionOf({ type, message, stack }: SafeError): Exception {
  return {
    type: typeof type === 'string' ? type : 'Error',
    value: typeof message === 'string' ? message : JSON.stringify(message ?? 'no error'),
    ...(typeof stack === 'string' && { stacktrace: { frames: parseStack(stack) } }),
  };
}

/**
 * The first line of the stack that is a place: two errors at the same one are the same, in every release
 * and wherever it is installed.
 */
function placeOf(error: SafeError | undefined): string {
  const stack = typeof error?.stack === 'string' ? error.stack : '';
  const line = /^\s+at (.*)$/m.exec(stack)?.[1] ?? '';
  return line
    .replace(/:\d+:\d+\)?$/, '')
    .replace(/\(?(?:file:\/\/)?\S*\/(?=dist\/|node_modules\/)/, '');
}
