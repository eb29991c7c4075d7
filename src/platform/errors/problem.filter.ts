import { Catch, Injectable, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { errorsTotal } from '../metrics/platform.telemetry.js';
import { EarlyRefusals } from '../throttling/early-refusals.js';
import { ErrorTracker } from '../error-tracking/error-tracker.js';
import { loggerOf } from '../logging/logger.js';
import { shownPath } from '../security/secrets-in-url.js';
import type { AppError } from './app-error.js';
import { platformErrors } from './platform.errors.js';
import { recentErrors } from './recent-errors.js';
import { toProblem } from './problem.js';
import { toAppError } from './to-app-error.js';

const log = loggerOf('http');

/** Answers every error as problem+json; the one place where errors become HTTP. */
@Catch()
@Injectable()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly tracker: ErrorTracker,
    private readonly early: EarlyRefusals,
  ) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    if (host.getType() !== 'http') throw thrown; // RPC has a filter of its own
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const path = request.url.split('?', 1)[0] ?? '/';
    const error = refine(toAppError(isHangUp(thrown, request) ? hungUp() : thrown), request, path);
    const reply = http.getResponse<FastifyReply>();
    // Fastify would close at once, and the rest of the body on its way would reset the connection
    // before the caller has read the answer. Node discards that rest, for requestTimeout at most.
    if (error.status === 413) void reply.removeHeader('connection');
    const answer = (final: AppError): void => this.answer(final, request, reply, path);
    if (request.work.isAtDoor || error.status >= 500) return answer(error);
    void this.limited(request, reply).then((refusal) => answer(refusal ?? error));
  }

  /** Why a request that is refused before the door is refused more than that: there are too many of them. */
  private async limited(
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<AppError | undefined> {
    try {
      await this.early.count(request, reply);
      return undefined;
    } catch (refusal) {
      return toAppError(refusal);
    }
  }

  private answer(
    error: AppError,
    request: FastifyRequest,
    reply: FastifyReply,
    path: string,
  ): void {
    errorsTotal.inc({ code: error.code });
    if (error.status >= 500) this.note(error, request);
    if (reply.sent) return;
    void reply
      .code(error.status)
      .headers({
        'content-type': 'application/problem+json; charset=utf-8',
        ...(error.status === 401 && { 'www-authenticate': 'Bearer' }),
        ...error.options.headers,
      })
      .send(JSON.stringify(toProblem(error, shownPath(path))));
  }

  /** A fault of ours: for the log, for whoever looks at the process just now, and for who collects faults. */
  private note(error: AppError, { method, routeOptions, work }: FastifyRequest): void {
    const { code, status } = error;
    work.fault = error;
    const reason = error.options.cause ?? error;
    log.error({ err: reason, code }, error.message);
    const route = `${method} ${routeOptions.url ?? 'unmatched'}`;
    recentErrors.add({ code, status, route, error: reason });
    // That we are busy, or lack what a breaker knows to be away, is no fault to be mended; log and metrics say it.
    if (code !== 'overloaded' && code !== 'dependency_unavailable')
      this.tracker.report(reason, { level: 'error', code, module: 'http', route });
  }
}

/** The caller went away in the middle of the body: no fault of ours, though it looks like a lost database. */
function isHangUp(thrown: unknown, request: FastifyRequest): boolean {
  return request.raw.errored !== null && request.raw.errored === thrown;
}

const hungUp = (): AppError =>
  platformErrors.malformed_request({ detail: 'The body ended before it was whole.' });

/** Where no route matched, another method may: that is 405, not 404. */
function refine(error: AppError, request: FastifyRequest, path: string): AppError {
  if (!request.is404 || error.code !== 'not_found') return error;
  const allowed = request.server.allowedMethods(path);
  if (allowed.length === 0) return error;
  return platformErrors.method_not_allowed({ headers: { allow: allowed.join(', ') } });
}
