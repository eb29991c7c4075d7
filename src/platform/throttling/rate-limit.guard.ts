import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { getStorageToken, type ThrottlerStorage } from '@nestjs/throttler';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { platformErrors } from '../errors/platform.errors.js';
import { requestContext } from '../observability/request-context.js';
import { rolesAllow } from '../security/permissions.js';
import { clientAddress } from './client-address.js';
import { LIMIT, type RoutePolicy } from './limit.js';
import { limitsConfig, type LimitsConfig, type PolicyName } from './limits.config.js';
import { rateLimitRejectionsTotal } from './throttling.telemetry.js';

interface Counted {
  policy: PolicyName;
  /** Whose requests are counted together. */
  tracker: string;
}

const reads = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Counts a request under every policy that applies, and tells of the tightest in its headers. */
@Injectable()
export class RateLimitGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    @Inject(getStorageToken()) private readonly storage: ThrottlerStorage,
    @Inject(limitsConfig.KEY) private readonly config: LimitsConfig,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    if (!this.config.enabled || context.getType() !== 'http') return true;
    const policy = this.reflector.getAllAndOverride<RoutePolicy | 'none' | undefined>(LIMIT, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (policy === 'none') return true;
    const work = requestContext();
    if (work?.hasInternalKey) return true;
    const principal = work?.principal;
    if (principal && rolesAllow(principal.roles, 'limits:bypass')) return true;
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    return this.count(
      policiesOf(request, policy, principal?.userId),
      http.getResponse<FastifyReply>(),
    );
  }

  private async count(counted: Counted[], reply: FastifyReply): Promise<boolean> {
    const verdicts = await Promise.all(
      counted.map(async ({ policy, tracker }) => {
        const { limit, windowSeconds } = this.config[policy];
        const verdict = await this.storage.increment(
          `${policy}:${tracker}`,
          windowSeconds * 1000,
          limit,
          0,
          policy,
        );
        return { policy, limit, remaining: Math.max(0, limit - verdict.totalHits), ...verdict };
      }),
    );
    const tightest = verdicts.sort(
      (a, b) =>
        Number(b.isBlocked) - Number(a.isBlocked) ||
        a.remaining - b.remaining ||
        b.timeToExpire - a.timeToExpire,
    )[0];
    if (!tightest) return true;
    const { policy, limit, remaining, timeToExpire, isBlocked } = tightest;
    void reply.headers({
      'x-ratelimit-limit': String(limit),
      'x-ratelimit-remaining': String(remaining),
      'x-ratelimit-reset': String(Math.ceil(Date.now() / 1000) + timeToExpire),
    });
    if (!isBlocked) return true;
    rateLimitRejectionsTotal.inc({ policy });
    throw platformErrors.rate_limited({
      detail: `The limit "${policy}" allows ${limit} requests in ${this.config[policy].windowSeconds} s. Wait for Retry-After, then back off exponentially with jitter.`,
      headers: {
        'retry-after': String(Math.max(...verdicts.map((verdict) => verdict.timeToBlockExpire))),
      },
    });
  }
}

function policiesOf(
  request: FastifyRequest,
  policy: RoutePolicy | undefined,
  userId: string | undefined,
): Counted[] {
  const address = clientAddress(request.ip);
  const tracker = userId ?? address;
  const counted: Counted[] = [];
  if (policy === 'auth') counted.push({ policy, tracker: address });
  if (policy === 'refresh')
    counted.push({ policy, tracker: refreshTracker(request.body) ?? address });
  if (policy === 'search') counted.push({ policy: userId ? 'search' : 'searchAnonymous', tracker });
  if (!request.url.startsWith('/api/')) return counted;
  counted.push(
    { policy: 'api', tracker },
    { policy: userId ? 'hourly' : 'hourlyAnonymous', tracker },
  );
  // Opening or refreshing a session has a policy of its own, made for callers without a token.
  const ownPolicy = policy === 'auth' || policy === 'refresh';
  if (!reads.has(request.method) && !ownPolicy) {
    counted.push({ policy: userId ? 'writes' : 'writesAnonymous', tracker });
  }
  return counted;
}

/** The part of a refresh token that is the same in all tokens of its session; the secret part stays out. */
function refreshTracker(body: unknown): string | undefined {
  const token = (body as { refreshToken?: unknown } | undefined)?.refreshToken;
  if (typeof token !== 'string') return undefined;
  return /^mr_([A-Za-z0-9_-]{22})\./.exec(token)?.[1];
}
