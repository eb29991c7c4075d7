import type { FastifyReply } from 'fastify';

/**
 * Aborts when the caller hangs up before the answer is sent: for work that waits in a queue for its turn. Fastify's
 * own `request.signal` also aborts when a body has been read.
 */
export function goneSignal({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  raw.once('close', () => {
    if (!raw.writableEnded) gone.abort();
  });
  return gone.signal;
}
