import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { toAppError } from '../errors/to-app-error.js';
import { requestContext } from '../observability/request-context.js';
import { startHandler } from '../tracing/tracing.js';
import { AccessGuard } from '../security/access.guard.js';
import { RateLimitGuard } from '../throttling/rate-limit.guard.js';

/**
 * The door of every route: access, then limits. Who is refused is counted as well, by address, or
 * guessing tokens would be free; but not who cannot be judged because something is down: a user would
 * be counted as anonymous, and be locked out long after it is back.
 */
@Injectable()
export class EntryGuard implements CanActivate {
  constructor(
    private readonly access: AccessGuard,
    private readonly limits: RateLimitGuard,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const work = requestContext();
    if (work) work.isAtDoor = true;
    const admitted = this.admit(context);
    return work?.span ? traceHandler(context, admitted) : admitted;
  }

  private admit(context: ExecutionContext): boolean | Promise<boolean> {
    let admitted: boolean | Promise<boolean>;
    try {
      admitted = this.access.canActivate(context);
    } catch (refusal) {
      return this.refuse(context, refusal);
    }
    // Synchronous for a token seen before: no promise on the hot path but the limits' own.
    if (admitted === true) return this.limits.canActivate(context);
    return Promise.resolve(admitted).then(
      () => this.limits.canActivate(context),
      (refusal: unknown) => this.refuse(context, refusal),
    );
  }

  private async refuse(context: ExecutionContext, refusal: unknown): Promise<boolean> {
    const { code, status } = toAppError(refusal);
    // Who sent no credential is anonymous; whose credential was refused is somebody, of whom nothing is known.
    if (status < 500) await this.limits.canActivate(context, code !== 'unauthenticated');
    throw refusal;
  }
}

/** What comes behind the door is the handler's: validation and its own work. */
async function traceHandler(
  context: ExecutionContext,
  admitted: boolean | Promise<boolean>,
): Promise<boolean> {
  const result = await admitted;
  startHandler(`${context.getClass().name}.${context.getHandler().name}`);
  return result;
}
