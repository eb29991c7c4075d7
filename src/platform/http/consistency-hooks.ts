import type { FastifyInstance } from 'fastify';
import { parsePosition, rememberWrite } from '../database/consistency.js';
import type { Replicas } from '../database/replicas.js';
import { loggerOf } from '../logging/logger.js';
import { platformErrors } from '../errors/platform.errors.js';

const log = loggerOf('http');

const HEADER = 'x-consistency-token';
const writes = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/**
 * Read your own writes, where reads go to replicas: the answer of a write says in
 * `X-Consistency-Token` how far the log had come, and a request that sends it back is answered from
 * a replica that has come as far, else from the primary. The process that took the write remembers
 * it as well, so only a client that is moved to another instance depends on the header.
 */
export function installConsistencyHooks(fastify: FastifyInstance, replicas: Replicas): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    const token = request.headers[HEADER];
    if (token === undefined) return done();
    const position = parsePosition(String(token));
    if (position === undefined) return done(badToken());
    request.work.mustSee = position;
    done();
  });
  fastify.addHook('onSend', async (request, reply, payload) => {
    if (!writes.has(request.method) || reply.statusCode >= 400) return payload;
    try {
      const token = await replicas.end();
      rememberWrite(parsePosition(token) ?? 0);
      void reply.header(HEADER, token);
    } catch (error) {
      // The write is durable and must be acknowledged; its caller may read a little behind it.
      log.warn(
        { err: error, event: 'no_consistency_token' },
        'a write was answered without a token',
      );
    }
    return payload;
  });
}

const badToken = (): Error =>
  platformErrors.validation_failed({
    errors: [
      {
        path: 'X-Consistency-Token',
        code: 'invalid_format',
        message: 'expected the header of an earlier answer, unchanged',
      },
    ],
  });
