import { randomUUID } from 'node:crypto';
import { applyDecorators } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { log } from '../observability/logger.js';
import { runInContext } from '../observability/request-context.js';
import { startEntryTrace } from '../observability/tracing.js';
import type { RpcEnvelope } from './rpc-client.js';

type Handler = (envelope: RpcEnvelope<never>) => Promise<unknown>;

/**
 * The answering end of a call, for the `*.rpc.ts` files: runs the method in the caller's context, so
 * that request id and trace go through all processes.
 */
export function RpcHandler(pattern: `${string}.${string}`): MethodDecorator {
  const inContext: MethodDecorator = (_target, _key, descriptor) => {
    const method = descriptor.value as unknown as (input: unknown) => Promise<unknown>;
    const wrapped = function (this: unknown, envelope: RpcEnvelope<unknown>): Promise<unknown> {
      const entry = startEntryTrace(`rpc ${pattern}`, SpanKind.SERVER, envelope.trace);
      const work = {
        requestId: envelope.requestId ?? randomUUID(),
        startedAt: performance.now(),
        ...entry,
      };
      return runInContext(work, async () => {
        try {
          return await method.call(this, envelope.input);
        } catch (error) {
          entry.span?.setStatus({ code: SpanStatusCode.ERROR });
          log.error({ err: error, event: 'rpc_failed', pattern }, `${pattern} failed`);
          throw error;
        } finally {
          entry.span?.end();
        }
      });
    };
    descriptor.value = wrapped as unknown as Handler as never;
    return descriptor;
  };
  // The pattern is kept on the function itself: it must be put on the wrapper, so after it.
  return applyDecorators(inContext, MessagePattern(pattern) as MethodDecorator);
}
