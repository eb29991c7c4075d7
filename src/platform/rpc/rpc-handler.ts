import { randomUUID } from 'node:crypto';
import { MessagePattern } from '@nestjs/microservices';
import { SpanKind } from '@opentelemetry/api';
import { loggerOf } from '../logging/logger.js';
import { runEntry } from '../tracing/run-entry.js';
import type { RpcEnvelope } from './rpc-client.js';

const log = loggerOf('rpc');

/**
 * The answering end of a call, for the `*.rpc.ts` files: runs the method in the caller's context, so
 * that request id and trace go through all processes.
 */
export function RpcHandler(pattern: `${string}.${string}`): MethodDecorator {
  return (target, key, descriptor) => {
    const method = descriptor.value as unknown as Method;
    const wrapped = function (this: unknown, envelope: RpcEnvelope<unknown>): Promise<unknown> {
      return inCallersContext(pattern, envelope, () => method.call(this, envelope.input));
    };
    descriptor.value = wrapped as never;
    // The pattern is kept on the function itself: it must be put on the wrapper, so after it.
    const mark: MethodDecorator = MessagePattern<string>(pattern);
    mark(target, key, descriptor);
  };
}

type Method = (input: unknown) => Promise<unknown>;

function inCallersContext(
  pattern: string,
  envelope: RpcEnvelope<unknown>,
  work: () => Promise<unknown>,
): Promise<unknown> {
  const entry = {
    name: `rpc ${pattern}`,
    kind: SpanKind.SERVER,
    requestId: envelope.requestId ?? randomUUID(),
    parent: envelope.trace,
    attributes: { 'rpc.system.name': 'nestjs', 'rpc.method': pattern },
  };
  return runEntry(entry, async () => {
    try {
      return await work();
    } catch (error) {
      log.error({ err: error, event: 'rpc_failed', pattern }, `${pattern} failed`);
      throw error;
    }
  });
}
