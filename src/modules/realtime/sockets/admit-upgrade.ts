import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { Lifecycle } from '../../../platform/lifecycle/lifecycle.js';
import { AppError } from '../../../platform/errors/app-error.js';
import { bearerToken } from '../../../platform/security/access.guard.js';
import type { Principal } from '../../../platform/security/principal.js';
import { TokenVerifier } from '../../../platform/security/token-verifier.js';
import { realtimeConfig, type RealtimeConfig } from '../realtime.config.js';
import { realtimeTelemetry } from '../realtime.telemetry.js';

/** Why an upgrade is refused. */
export interface Refusal {
  status: number;
  reason: string;
  headers?: OutgoingHttpHeaders;
}

const retryLater: Refusal = {
  status: 503,
  reason: 'Service Unavailable',
  headers: { 'retry-after': '5' },
};

/** Judges a request for a socket while it is still HTTP. */
@Injectable()
export class AdmitUpgrade {
  constructor(
    private readonly tokens: TokenVerifier,
    private readonly lifecycle: Lifecycle,
    @Inject(realtimeConfig.KEY) private readonly config: RealtimeConfig,
  ) {}

  /** @returns why it is refused, or undefined; a token in `Authorization` leaves its principal on the request */
  async execute(
    request: IncomingMessage & { principal?: Principal },
    connections: number,
  ): Promise<Refusal | undefined> {
    const { origin, authorization } = request.headers;
    if (origin !== undefined && !this.config.origins.includes(origin))
      return { status: 403, reason: 'Forbidden' };
    const query = new URL(request.url ?? '/', 'http://localhost').searchParams;
    const unauthorized: Refusal = {
      status: 401,
      reason: 'Unauthorized',
      headers: { 'www-authenticate': 'Bearer' },
    };
    // A token in a URL ends up in logs and histories; it is refused whether it is valid or not.
    if (query.has('token') || query.has('access_token')) return unauthorized;
    if (this.lifecycle.isDraining || connections >= this.config.maxConnections) return retryLater;
    try {
      const token = bearerToken(authorization);
      if (token !== undefined) request.principal = await this.tokens.verify(token);
      return undefined;
    } catch (error) {
      if (error instanceof AppError && error.status === 401) return unauthorized;
      realtimeTelemetry.upgradeFailed(error);
      return retryLater;
    }
  }
}
