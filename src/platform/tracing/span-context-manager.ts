import { AsyncLocalStorage } from 'node:async_hooks';
import { ROOT_CONTEXT, trace, type Context, type ContextManager } from '@opentelemetry/api';
import { requestContext } from '../observability/request-context.js';

/**
 * OpenTelemetry's idea of the current span, taken from the context of the work at hand: a library that
 * asks for its parent finds the recorded span of the request, and nothing where none is recorded. Only
 * within recorded spans is a context of OpenTelemetry's own kept.
 */
export class SpanContextManager implements ContextManager {
  private readonly storage = new AsyncLocalStorage<Context>();

  active(): Context {
    const own = this.storage.getStore();
    if (own !== undefined) return own;
    const work = requestContext();
    const span = work?.handler ?? work?.span;
    return span ? trace.setSpan(ROOT_CONTEXT, span) : ROOT_CONTEXT;
  }

  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    context: Context,
    work: F,
    thisArg?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    return this.storage.run(context, () => work.apply(thisArg, args));
  }

  bind<T>(context: Context, target: T): T {
    if (typeof target !== 'function') return target;
    return ((...args: unknown[]) =>
      this.storage.run(context, () => (target as (...given: unknown[]) => unknown)(...args))) as T;
  }

  enable(): this {
    return this;
  }

  disable(): this {
    this.storage.disable();
    return this;
  }
}
