import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { platformErrors } from '../errors/platform.errors.js';
import { requestContext } from '../observability/request-context.js';
import { allows } from '../security/allows.js';
import { BACK_OFF } from './back-off.js';
import { LimitStorage } from './limit-storage.js';
import { ENDS_ACCESS, LIMIT, type RoutePolicy } from './limit.js';
import { limitsConfig, type LimitsConfig } from './limits.config.js';
import { policiesOf, windowOf, type Counted } from './policies.js';
import { tightestOf } from './tightest.js';
import { rateLimitRejectionsTotal } from './throttling.telemetry.js';
import type { Standing } from './window.js';

/** Counts a request under every policy that applies, and tells of the tightest in its headers. */
@Injectable()
export class RateLimitGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly storage: LimitStorage,
    @Inject(limitsConfig.KEY) private readonly config: LimitsConfig,
  ) {}

  get isEnabled(): boolean {
    return this.config.enabled;
  }

  /** @param isRefused whether the credential that was sent is not accepted */
  canActivate(context: ExecutionContext, isRefused = false): boolean | Promise<boolean> {
    if (!this.config.enabled || context.getType() !== 'http') return true;
    const marked = [context.getHandler(), context.getClass()];
    const policy = this.reflector.getAllAndOverride<RoutePolicy | 'none' | undefined>(
      LIMIT,
      marked,
    );
    if (policy === 'none') return true;
    const work = requestContext();
    if (work?.hasInternalKey) return true;
    const principal = work?.principal;
    if (principal && allows(principal, 'limits:bypass')) return true;
    const http = context.switchToHttp();
    const endsAccess = this.reflector.getAllAndOverride<true | undefined>(ENDS_ACCESS, marked);
    const limits = { policy, endsAccess: endsAccess === true, isRefused: isRefused && !principal };
    const counted = policiesOf(http.getRequest<FastifyRequest>(), limits, principal);
    return this.count(counted, http.getResponse<FastifyReply>());
  }

  /** @throws AppError `rate_limited`, at once or later, when a window is full */
  count(counted: Counted[], reply: FastifyReply): boolean | Promise<boolean> {
    const standings = this.storage.take(counted.map((one) => windowOf(one, this.config)));
    if (!(standings instanceof Promise)) return this.judge(counted, standings, reply);
    return standings.then((known) => this.judge(counted, known, reply));
  }

  private judge(counted: Counted[], standings: Standing[], reply: FastifyReply): boolean {
    const tightest = tightestOf(standings);
    const standing = standings[tightest];
    const policy = counted[tightest]?.policy;
    if (!standing || !policy) return true;
    const { limit, remaining, resetMs, retryMs } = standing;
    void reply.headers({
      'x-ratelimit-limit': String(limit),
      'x-ratelimit-remaining': String(remaining),
      'x-ratelimit-reset': String(Math.ceil((Date.now() + resetMs) / 1000)),
    });
    if (retryMs <= 0) return true;
    rateLimitRejectionsTotal.inc({ policy });
    throw platformErrors.rate_limited({
      detail: `The limit "${policy}" allows ${limit} requests in ${this.config[policy].windowSeconds} s. ${BACK_OFF}`,
      headers: { 'retry-after': String(Math.max(1, Math.ceil(retryMs / 1000))) },
    });
  }
}
