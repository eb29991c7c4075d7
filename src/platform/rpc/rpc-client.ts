import type { OnApplicationShutdown } from '@nestjs/common';
import { ClientProxyFactory, Transport, type ClientProxy } from '@nestjs/microservices';
import { AppError } from '../errors/app-error.js';
import { platformErrors } from '../errors/platform.errors.js';
import { currentTraceParent } from '../tracing/tracing.js';
import { requestContext } from '../observability/request-context.js';
import type { TraceParent } from '../tracing/trace-context.js';
import type { Breakers } from '../resilience/breakers.js';
import type { Outbound } from '../resilience/outbound.js';
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
  private readonly outbound: Outbound;

  constructor(
    private readonly peer: 'auth' | 'posts',
    config: RpcConfig,
    breakers: Breakers,
  ) {
    const { host, port } = config[peer];
    this.proxy = ClientProxyFactory.create({ transport: Transport.TCP, options: { host, port } });
    this.outbound = breakers.outbound(
      `rpc_${peer}`,
      {
        isFailure: () => true, // contracts answer «no» with a value: an error is always a fault
        fallback: 'what is cached; else 503',
        probe: () => this.ask('ping', { input: null }, AbortSignal.timeout(config.timeoutMs)),
      },
      { timeoutMs: config.timeoutMs, concurrency: config.concurrency, queue: config.queue },
    );
  }

  /**
   * A method of the peer's contract. All of them may be repeated: they read, or set absolute values.
   *
   * @throws AppError `dependency_unavailable` when the other process does not answer in time
   */
  async call<T>(method: string, input: unknown): Promise<T> {
    const requestId = requestContext()?.requestId;
    try {
      return await this.outbound.run(
        (signal) => {
          const trace = currentTraceParent(); // within the span of the call, so that the other end is below it
          const envelope: RpcEnvelope<unknown> = {
            input,
            ...(requestId && { requestId }),
            ...(trace && { trace }),
          };
          return this.ask<T>(method, envelope, signal);
        },
        { repeatable: true, name: `rpc ${this.peer}.${method}` },
      );
    } catch (error) {
      if (error instanceof AppError) throw error;
      throw platformErrors.dependency_unavailable({
        cause: error,
        headers: { 'retry-after': '1' },
      });
    }
  }

  /** The answer, or the end of the wait: a call that is given up must not look like one without a value. */
  private ask<T>(method: string, envelope: unknown, signal: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      const answer = this.proxy.send<T>(`${this.peer}.${method}`, envelope).subscribe({
        next: resolve,
        error: reject,
        complete: () => reject(new Error(`${this.peer}.${method} gave no value`)),
      });
      const giveUp = (): void => {
        answer.unsubscribe();
        reject(new PeerSilentError(this.peer));
      };
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }

  onApplicationShutdown(): void {
    this.proxy.close();
  }
}

class PeerSilentError extends Error {
  readonly code = 'ETIMEDOUT';
  constructor(peer: string) {
    super(`the process of ${peer} did not answer in time`);
  }
}
