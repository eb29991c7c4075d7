import type { IncomingMessage } from 'node:http';
import proxyAddr from '@fastify/proxy-addr';
import { Inject, Injectable } from '@nestjs/common';
import { AppError } from '../../../platform/errors/app-error.js';
import { platformErrors } from '../../../platform/errors/platform.errors.js';
import { bearerToken } from '../../../platform/security/access.guard.js';
import { INTERNAL_KEY, InternalCallers } from '../../../platform/security/internal-callers.js';
import type { Principal } from '../../../platform/security/principal.js';
import { TokenVerifier } from '../../../platform/security/token-verifier.js';
import {
  holdsSecret,
  isSecretName,
  secretInUrl,
} from '../../../platform/security/secrets-in-url.js';
import { securityConfig, type SecurityConfig } from '../../../platform/security/security.config.js';
import { BACK_OFF } from '../../../platform/throttling/back-off.js';
import { clientAddress } from '../../../platform/throttling/client-address.js';
import { LimitStorage } from '../../../platform/throttling/limit-storage.js';
import { windowOf } from '../../../platform/throttling/policies.js';
import { limitsConfig, type LimitsConfig } from '../../../platform/throttling/limits.config.js';
import { rateLimitRejectionsTotal } from '../../../platform/throttling/throttling.telemetry.js';
import { realtimeConfig, type RealtimeConfig } from '../realtime.config.js';
import { realtimeTelemetry } from '../realtime.telemetry.js';

// Made once: an error with its stack costs more than the rest, and clients that were cut come back all at once.
const retryLater = platformErrors.overloaded({ headers: { 'retry-after': '5' } });
const forbidden = platformErrors.forbidden({
  detail: 'Pages of this origin may not open a socket (`realtime.origins`).',
});
const secretInAddress = secretInUrl();

type Upgrade = IncomingMessage & { principal?: Principal };

/** Judges a request for a socket while it is still HTTP. */
@Injectable()
export class AdmitUpgrade {
  private readonly trust: ReturnType<typeof proxyAddr.compile>;

  constructor(
    private readonly tokens: TokenVerifier,
    private readonly internal: InternalCallers,
    private readonly windows: LimitStorage,
    @Inject(realtimeConfig.KEY) private readonly config: RealtimeConfig,
    @Inject(limitsConfig.KEY) private readonly limits: LimitsConfig,
    @Inject(securityConfig.KEY) security: SecurityConfig,
  ) {
    this.trust = proxyAddr.compile(security.trustedProxies);
  }

  /**
   * @param room whether this process takes one more
   * @returns why it is refused, or undefined; a token in `Authorization` leaves its principal on the
   *   request. Never throws: what cannot be judged is refused for now.
   */
  async execute(request: Upgrade, room: boolean): Promise<AppError | undefined> {
    try {
      return await this.judge(request, room);
    } catch (error) {
      if (error instanceof AppError && error.status === 401) return error;
      realtimeTelemetry.upgradeFailed(error);
      return retryLater;
    }
  }

  private async judge(request: Upgrade, room: boolean): Promise<AppError | undefined> {
    const { origin, authorization } = request.headers;
    if (origin !== undefined && !this.config.origins.includes(origin)) return forbidden;
    const query = new URL(request.url ?? '/', 'http://localhost').searchParams;
    // A token in a URL ends up in logs and histories; it is refused whether it is valid or not.
    if ([...query.keys()].some(isSecretName) || holdsSecret(request.url ?? ''))
      return secretInAddress;
    if (!room) return retryLater;
    const limited = await this.limit(request);
    if (limited) return limited;
    const token = bearerToken(authorization);
    if (token !== undefined) request.principal = await this.tokens.verify(token);
    return undefined;
  }

  private async limit(request: Upgrade): Promise<AppError | undefined> {
    if (!this.limits.enabled) return undefined;
    const address = proxyAddr(request, this.trust);
    if (this.internal.holdsKey(address, request.headers[INTERNAL_KEY])) return undefined;
    const window = windowOf({ policy: 'handshake', tracker: clientAddress(address) }, this.limits);
    const [standing] = await this.windows.take([window]);
    if (!standing || standing.retryMs <= 0) return undefined;
    rateLimitRejectionsTotal.inc({ policy: 'handshake' });
    return platformErrors.rate_limited({
      detail: `Sockets may be opened ${window.limit} times in ${window.windowMs / 1000} s. ${BACK_OFF}`,
      headers: { 'retry-after': String(Math.ceil(standing.retryMs / 1000)) },
    });
  }
}
