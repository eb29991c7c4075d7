import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { SignJWT } from 'jose';
import { Revocations } from '../../../platform/security/revocations.js';
import { authConfig, type AuthConfig } from '../auth.config.js';
import { SigningKeys } from './signing-keys.js';

/** Whom a token is for. */
export interface TokenSubject {
  id: string;
  tenantId: string;
  roles: string[];
}

/** Signs access tokens: RS256, `at+jwt`, the claims of the REST contract. */
@Injectable()
export class IssueAccessToken {
  constructor(
    private readonly keys: SigningKeys,
    private readonly revocations: Revocations,
    @Inject(authConfig.KEY) private readonly config: AuthConfig,
  ) {}

  /** @returns the token, its life in seconds and the key that signed it */
  async execute(
    subject: TokenSubject,
    sessionId: string,
  ): Promise<{ accessToken: string; expiresIn: number; kid: string }> {
    // Heard of its end before of its successor: a token of it would be refused everywhere.
    if (this.revocations.isRevokedKey(this.keys.active().kid)) await this.keys.load();
    const { kid, privateKey } = this.keys.active();
    const now = Math.floor(Date.now() / 1000);
    const accessToken = await new SignJWT({
      tid: subject.tenantId,
      sid: sessionId,
      roles: subject.roles,
      scope: '',
    })
      .setProtectedHeader({ alg: 'RS256', typ: 'at+jwt', kid })
      .setIssuer(this.config.issuer)
      .setAudience(this.config.audience)
      .setSubject(subject.id)
      .setJti(randomUUID())
      .setIssuedAt(now)
      .setExpirationTime(now + this.config.accessTokenSeconds)
      .sign(privateKey);
    return { accessToken, expiresIn: this.config.accessTokenSeconds, kid };
  }
}
