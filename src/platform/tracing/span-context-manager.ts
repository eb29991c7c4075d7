import { AsyncLocalStorage } from 'node:async_hooks';
import { ROOT_CONTEXT, trace, type Context, type ContextManager } from '@opentelemetry/api';
import { requestContext, type RequestContext } from '../observability/request-context.js';

/** A context of OpenTelemetry's own, and the work for which it was entered. */
interface Entered {
  context: Context;
  work: RequestContext | undefined;
}

const entered = (context: Context): Entered => ({ context, work: requestContext() });

/**
 * OpenTelemetry's idea of the current span, taken from the context of the work at hand: a library that
 * asks for its parent finds the recorded span of the request, and nothing where none is recorded. Only
 * within recorded spans is a context of OpenTelemetry's own kept.
 */
export class SpanContextManager implements ContextManager {
  private readonly storage = new AsyncLocalStorage<Entered>();

  active(): Context {
    const work = requestContext();
    const own = this.storage.getStore();
    // Work that another piece of work has woken starts within its calls, and is none of its business.
    if (own && own.work === work) return own.context;
    const span = work?.handler ?? work?.span;
    return span ? trace.setSpan(ROOT_CONTEXT, span) : ROOT_CONTEXT;
  }

  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    context: Context,
    work: F,
    thisArg?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    return this.storage.run(entered(context), () => work.apply(thisArg, args));
  }

  bind<T>(context: Context, target: T): T {
    if (typeof target !== 'function') return target;
    const kept = entered(context);
    return ((...args: unknown[]) =>
      this.storage.run(kept, () => (target as (...given: unknown[]) => unknown)(...args))) as T;
  }

  enable(): this {
    return this;
  }

  disable(): this {
    this.storage.disable();
    return this;
  }
}
