import compress from '@fastify/compress';
import type { FastifyInstance, FastifyReply, FastifyRequest, onSendHookHandler } from 'fastify';

const MIN_BYTES = 1024;

const texts =
  /^(?:text\/(?:html|css|plain|javascript|yaml)|application\/(?:javascript|yaml|(?:[\w.-]+\+)?json)|image\/svg\+xml)\b/;

/**
 * An answer that holds a secret beside text of the caller's choice must not be compressed: its
 * length would tell how much of the secret the caller has guessed (BREACH).
 */
const secretPaths = '/api/v1/auth/';

/**
 * Compresses long texts for clients that take it. Others never reach the plugin: of its own accord it
 * negotiates before it looks at the size.
 */
export async function installCompression(fastify: FastifyInstance): Promise<void> {
  fastify.addHook('onRoute', (route) => {
    if (route.url.startsWith(secretPaths)) route.compress = false;
  });
  await fastify.register(compress, {
    globalDecompression: false, // a small body must not become a large one
    threshold: MIN_BYTES,
    encodings: ['zstd', 'br', 'gzip'],
    customTypes: texts,
  });
  fastify.addHook('onRoute', (route) => {
    if (route.compress === false || !Array.isArray(route.onSend)) return;
    const hooks: onSendHookHandler[] = route.onSend;
    const compressAnswer = hooks.pop();
    if (compressAnswer) hooks.push(whereItPays(compressAnswer));
  });
}

/** Says of a text that its bytes depend on `Accept-Encoding`, also where there are none: on HEAD and 304. */
export function announceCompression(
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
): void {
  if (typeof payload !== 'string' || !isCompressible(request, reply, payload.length)) return;
  vary(reply);
}

function whereItPays(compressAnswer: onSendHookHandler): onSendHookHandler {
  return function (request, reply, payload, done) {
    const size = sizeOf(payload, reply);
    const takes = request.headers['accept-encoding'] !== undefined;
    if (!isCompressible(request, reply, size)) return done(null, payload);
    if (payload !== null) {
      if (takes) return compressAnswer.call(this, request, reply, payload, done);
      vary(reply);
    } else if (takes && request.method === 'HEAD') {
      void reply.removeHeader('content-length'); // that of GET is another
    }
    return done(null, payload);
  };
}

function isCompressible(request: FastifyRequest, reply: FastifyReply, size: number): boolean {
  return (
    size >= MIN_BYTES &&
    texts.test(String(reply.getHeader('content-type'))) &&
    !request.routeOptions.url?.startsWith(secretPaths) &&
    !String(reply.getHeader('cache-control')).includes('no-store')
  );
}

/** Bytes of a text or buffer at least; of a stream, and where HEAD has dropped it, what the header says. */
function sizeOf(payload: unknown, reply: FastifyReply): number {
  if (typeof payload === 'string' || Buffer.isBuffer(payload)) return payload.length;
  const length = reply.getHeader('content-length');
  return length === undefined && payload !== null ? Infinity : Number(length ?? 0);
}

function vary(reply: FastifyReply): void {
  const present = reply.getHeader('vary');
  if (present === undefined) void reply.header('vary', 'accept-encoding');
  else if (!String(present).includes('accept-encoding'))
    void reply.header('vary', `${String(present)}, accept-encoding`);
}
