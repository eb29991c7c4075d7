import { describe, expect, it } from '@jest/globals';
import { createContextKey, ROOT_CONTEXT, trace, type Span } from '@opentelemetry/api';
import {
  runInContext,
  runOutsideContext,
  type RequestContext,
} from '../observability/request-context.js';
import { SpanContextManager } from './span-context-manager.js';

const manager = new SpanContextManager();
const spanOf = (spanId: string): Span =>
  trace.wrapSpanContext({ traceId: '1'.repeat(32), spanId, traceFlags: 1 });
const work = (span?: Span): RequestContext => ({
  requestId: 'r',
  traceId: '1'.repeat(32),
  spanId: '2'.repeat(16),
  startedAt: 0,
  ...(span && { span }),
});
const key = createContextKey('of a library');

describe('the current context of OpenTelemetry', () => {
  it('has the span of the work at hand, the handler’s before the request’s, and none of unrecorded work', () => {
    const [request, handler] = [spanOf('a'.repeat(16)), spanOf('b'.repeat(16))];
    runInContext(work(request), () => {
      expect(trace.getSpan(manager.active())).toBe(request);
    });
    runInContext({ ...work(request), handler }, () => {
      expect(trace.getSpan(manager.active())).toBe(handler);
    });
    runInContext(work(), () => expect(manager.active()).toBe(ROOT_CONTEXT));
    expect(manager.active()).toBe(ROOT_CONTEXT);
  });

  it('is the one that was entered, also behind an await', async () => {
    const own = ROOT_CONTEXT.setValue(key, 1);
    await runInContext(work(), () =>
      manager.with(own, async () => {
        await Promise.resolve();
        expect(manager.active()).toBe(own);
      }),
    );
    const bound = manager.bind(own, () => manager.active());
    expect(bound()).toBe(own);
  });

  it('is not handed on to other work that was woken within it', () => {
    const other = spanOf('c'.repeat(16));
    runInContext(work(spanOf('a'.repeat(16))), () => {
      manager.with(ROOT_CONTEXT.setValue(key, 1), () => {
        runOutsideContext(() => {
          expect(manager.active()).toBe(ROOT_CONTEXT);
          runInContext(work(other), () => expect(trace.getSpan(manager.active())).toBe(other));
        });
      });
    });
  });
});
