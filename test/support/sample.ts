import type { Client } from './client.js';

export type Kind = 'feed' | 'list' | 'post' | 'profile' | 'write';

/** One request and what became of it. */
export interface Sample {
  kind: Kind;
  /** Milliseconds since the epoch. */
  startedAt: number;
  ms: number;
  /** 0: there was no answer. */
  status: number;
  /** 0 for the first request of an operation, then its retries. */
  attempt: number;
  retryAfter: string | null;
  degraded: string | null;
  error?: string;
}

/** A request of a load; one with a body writes a post. */
export interface LoadRequest {
  kind: Kind;
  attempt: number;
  path: string;
  token: string;
  write: { body: string; key: string } | undefined;
}

const LONGEST_MS = 20_000;

/** Sends a request and records what becomes of it. @returns the id of the post that it wrote as well */
export async function send(
  client: Client,
  { kind, attempt, path, token, write }: LoadRequest,
): Promise<{ sample: Sample; id: string | undefined }> {
  const sample: Sample = {
    ...{ kind, attempt, startedAt: Date.now(), ms: 0, status: 0 },
    ...{ retryAfter: null, degraded: null },
  };
  const started = performance.now();
  let id: string | undefined;
  try {
    const answer = await client.call(write ? 'POST' : 'GET', path, {
      token,
      ...(write && { body: { body: write.body }, headers: { 'idempotency-key': write.key } }),
      signal: AbortSignal.timeout(LONGEST_MS),
    });
    sample.status = answer.status;
    sample.retryAfter = answer.headers.get('retry-after');
    sample.degraded = answer.headers.get('x-degraded');
    if (!succeeded(sample)) sample.error = answer.text;
    else if (write) id = String(answer.body.id);
  } catch (error) {
    const { message, cause } = error as Error;
    sample.error = cause instanceof Error ? `${message}: ${cause.message}` : message;
  }
  sample.ms = performance.now() - started;
  return { sample, id };
}

/** Whether a request did what it was for. */
export function succeeded({ kind, status }: Sample): boolean {
  return status === (kind === 'write' ? 201 : 200);
}
