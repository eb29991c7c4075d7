import type { OnApplicationShutdown } from '@nestjs/common';
import { ClientProxyFactory, Transport, type ClientProxy } from '@nestjs/microservices';
import { firstValueFrom, timeout } from 'rxjs';
import { platformErrors } from '../errors/platform.errors.js';
import { currentTraceParent } from '../observability/tracing.js';
import { requestContext } from '../observability/request-context.js';
import type { TraceParent } from '../observability/trace-context.js';
import type { RpcConfig } from './rpc.config.js';

/** What goes with every call between processes. */
export interface RpcEnvelope<T> {
  input: T;
  requestId?: string;
  trace?: TraceParent;
}

/** The calling end of a module's contract, for the `*.client.ts` files. */
export class RpcClient implements OnApplicationShutdown {
  private readonly proxy: ClientProxy;

  constructor(
    private readonly peer: 'auth' | 'posts',
    private readonly config: RpcConfig,
  ) {
    const { host, port } = config[peer];
    this.proxy = ClientProxyFactory.create({ transport: Transport.TCP, options: { host, port } });
  }

  /** @throws AppError `dependency_unavailable` when the other process does not answer in time */
  async call<T>(method: string, input: unknown): Promise<T> {
    const trace = currentTraceParent();
    const requestId = requestContext()?.requestId;
    const envelope: RpcEnvelope<unknown> = {
      input,
      ...(requestId && { requestId }),
      ...(trace && { trace }),
    };
    try {
      const answer = this.proxy.send<T>(`${this.peer}.${method}`, envelope);
      return await firstValueFrom(answer.pipe(timeout(this.config.timeoutMs)), {
        defaultValue: undefined as T,
      });
    } catch (error) {
      throw platformErrors.dependency_unavailable({
        cause: error,
        headers: { 'retry-after': '1' },
      });
    }
  }

  onApplicationShutdown(): void {
    this.proxy.close();
  }
}
