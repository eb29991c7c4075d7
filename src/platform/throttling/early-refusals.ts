import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { runInContext } from '../observability/request-context.js';
import { bearerToken } from '../security/access.guard.js';
import { allows } from '../security/allows.js';
import { INTERNAL_KEY, InternalCallers } from '../security/internal-callers.js';
import type { Principal } from '../security/principal.js';
import { TokenVerifier } from '../security/token-verifier.js';
import { quickPolicyOf } from './policies.js';
import { RateLimitGuard } from './rate-limit.guard.js';

/** However the path is spelt; `http://host/api/` is one as well. */
const apiPath = /^(?:https?:\/\/[^/]*)?\/api(?:\/|$)/i;

/**
 * Counts what is refused before it comes to the door of a route: bodies that cannot be read, paths and methods
 * that are not there. Whoever sends such things is not asked who they are: they count for their address, unless
 * a token is with them that was verified before.
 */
@Injectable()
export class EarlyRefusals {
  constructor(
    private readonly limits: RateLimitGuard,
    private readonly tokens: TokenVerifier,
    private readonly internal: InternalCallers,
  ) {}

  /** @throws AppError `rate_limited`, at once or later, when it is one too many */
  count(request: FastifyRequest, reply: FastifyReply): boolean | Promise<boolean> {
    if (!this.limits.isEnabled || !isOfApi(request)) return true;
    if (this.holdsKey(request)) return true;
    const caller = this.callerOf(request);
    if (caller && allows(caller, 'limits:bypass')) return true;
    const counted = quickPolicyOf(request, caller);
    // A body arrives in the socket's own async context.
    return runInContext(request.work, () => this.limits.count([counted], reply));
  }

  private holdsKey({ ip, headers }: FastifyRequest): boolean {
    try {
      return this.internal.holdsKey(ip, headers[INTERNAL_KEY]);
    } catch {
      return false; // a wrong one
    }
  }

  private callerOf({ headers: { authorization } }: FastifyRequest): Principal | undefined {
    try {
      const token = bearerToken(authorization);
      return token === undefined ? undefined : this.tokens.cached(token);
    } catch {
      return undefined; // no token at all
    }
  }
}

/** By its route; where there is none, by its path, whose encoding the router has found to be right: it ends there. */
function isOfApi({ routeOptions: { url: route }, url }: FastifyRequest): boolean {
  return apiPath.test(route ?? decodeURI(url.split(/[?#]/, 1)[0] ?? ''));
}
