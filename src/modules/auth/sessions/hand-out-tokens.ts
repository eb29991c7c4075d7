import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sessionCookieOf, setSessionCookie } from '../../../platform/security/session-cookies.js';
import { authConfig, type AuthConfig } from '../auth.config.js';
import { CsrfTokens } from './csrf-tokens.js';
import type { TokenPair } from './open-session.js';
import { sessionOf } from './refresh-token.js';
import type { BrowserSession } from './token.schemas.js';

/** How tokens leave the house: in the body alone, or for a browser the refresh token as a cookie. */
@Injectable()
export class HandOutTokens {
  constructor(
    private readonly csrf: CsrfTokens,
    @Inject(authConfig.KEY) private readonly config: AuthConfig,
  ) {}

  execute<T extends TokenPair>(
    tokens: T,
    mode: 'cookie' | undefined,
    reply: FastifyReply,
  ): T | (Omit<T, 'refreshToken'> & BrowserSession) {
    if (mode === undefined) return tokens;
    const { refreshToken, ...rest } = tokens;
    void reply.header('set-cookie', setSessionCookie(refreshToken, this.config.refreshTokenDays));
    return { ...rest, csrfToken: this.csrf.of(sessionOf(refreshToken)) };
  }

  /** Takes the cookie of a session that is over away, where the request has one. */
  clear(request: FastifyRequest, reply: FastifyReply): void {
    if (sessionCookieOf(request) !== undefined) void reply.header('set-cookie', setSessionCookie());
  }
}
