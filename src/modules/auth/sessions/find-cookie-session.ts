import { Inject, Injectable } from '@nestjs/common';
import type { CookieSession } from '../../../platform/security/credential-store.js';
import { authConfig, type AuthConfig } from '../auth.config.js';
import { CsrfTokens } from './csrf-tokens.js';
import { SessionsRepository } from './sessions.repository.js';

/** The session that a browser's cookie stands for: the cookie holds its refresh token. */
@Injectable()
export class FindCookieSession {
  constructor(
    private readonly sessions: SessionsRepository,
    private readonly csrf: CsrfTokens,
    @Inject(authConfig.KEY) private readonly config: AuthConfig,
  ) {}

  /** @param hash SHA-256 of the refresh token, base64url */
  async execute(hash: string): Promise<CookieSession | undefined> {
    const token = Buffer.from(hash, 'base64url');
    const session = await this.sessions.findByToken(token, this.config.refreshGraceSeconds);
    if (!session) return undefined;
    const { id: sessionId, tenantId, userId, roles, expiresAt } = session;
    // As of now: what was revoked before this moment has been looked at.
    const issuedAt = Date.now() / 1000;
    const principal = { userId, tenantId, sessionId, roles, issuedAt, expiresAt };
    return { principal, csrfTokens: this.csrf.allOf(sessionId) };
  }
}
