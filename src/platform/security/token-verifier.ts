import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { errors, jwtVerify, type CryptoKey } from 'jose';
import { LRUCache } from 'lru-cache';
import { platformErrors } from '../errors/platform.errors.js';
import { ActiveSessions } from './active-sessions.js';
import { BELIEVED_MS, CredentialStore } from './credential-store.js';
import type { Principal } from './principal.js';
import { Revocations } from './revocations.js';

/**
 * The public keys that sign access tokens, by `kid`. The auth module provides them: from its own
 * tables where it runs, over the wire where it does not.
 */
export abstract class PublicKeys {
  /** The key of that id, or undefined; never fetches anything that the token itself names. */
  abstract find(kid: string): Promise<CryptoKey | undefined>;
  abstract readonly issuer: string;
  abstract readonly audience: string;
}

/** Verified tokens kept per process. 10,000 is the number of concurrent users in the plan. */
const CACHE_SIZE = 10_000;
const LEEWAY_SECONDS = 30;

/**
 * No access token is made for longer, and none that says so is believed: for so long a revoked key is
 * remembered, so that none of its tokens can outlive that.
 */
export const LONGEST_TOKEN_SECONDS = 86_400;

/** What an API key begins with: people and scanners recognise it, and so do we. */
const API_KEY_PREFIX = 'mk_';
const apiKeyPattern = /^mk_[A-Za-z0-9_-]{43}$/;

/**
 * Checks access tokens, and looks up API keys, which are sent in the same place. RS256 costs 31-34 µs each time, a look-up among the tokens already checked
 * 1.9 µs: so a token is verified once and remembered until it expires or is revoked, never longer.
 */
@Injectable()
export class TokenVerifier {
  private readonly verified = new LRUCache<string, Principal>({ max: CACHE_SIZE });

  constructor(
    private readonly keys: PublicKeys,
    private readonly store: CredentialStore,
    private readonly active: ActiveSessions,
    private readonly revocations: Revocations,
  ) {}

  /** The principal of a token that was verified before and is still valid: neither expired nor revoked. */
  cached(token: string): Principal | undefined {
    const verified = this.verified.get(token);
    if (!verified) return undefined;
    const isOver = verified.expiresAt * 1000 <= Date.now();
    const principal = isOver ? undefined : this.revocations.judge(verified);
    if (principal) this.active.note(principal.sessionId);
    else this.verified.delete(token);
    return principal;
  }

  /** @throws AppError `invalid_token` whatever is wrong with the token; the log has no more either */
  async verify(token: string): Promise<Principal> {
    const known = this.cached(token);
    if (known) return known;
    await this.revocations.loaded();
    const isKey = token.startsWith(API_KEY_PREFIX);
    const verified = await (isKey ? this.lookUp(token) : this.check(token));
    const principal = this.revocations.judge(verified);
    if (!principal) throw platformErrors.invalid_token();
    this.verified.set(token, verified, isKey ? { ttl: BELIEVED_MS } : undefined);
    this.active.note(principal.sessionId);
    return principal;
  }

  private async lookUp(key: string): Promise<Principal> {
    const principal = apiKeyPattern.test(key)
      ? await this.store.ofApiKey(createHash('sha256').update(key).digest('base64url'))
      : undefined;
    if (!principal || principal.expiresAt * 1000 <= Date.now())
      throw platformErrors.invalid_token();
    return principal;
  }

  private async check(token: string): Promise<Principal> {
    try {
      const { payload, protectedHeader } = await jwtVerify(
        token,
        (header) => this.keyOf(header.kid),
        {
          algorithms: ['RS256'],
          issuer: this.keys.issuer,
          audience: this.keys.audience,
          typ: 'at+jwt',
          clockTolerance: LEEWAY_SECONDS,
          requiredClaims: ['sub', 'tid', 'sid', 'exp', 'iat', 'jti'],
        },
      );
      const { sub, tid, sid, roles, exp, iat } = payload;
      const areNames = Array.isArray(roles) && roles.every((role) => typeof role === 'string');
      if (typeof tid !== 'string' || typeof sid !== 'string' || !areNames) {
        throw new errors.JWTInvalid('claims are missing');
      }
      // The leeway is for clocks that differ, not a longer life: what has expired stays expired.
      if (Number(exp) * 1000 <= Date.now()) throw new errors.JWTInvalid('expired');
      const ahead = Number(iat) - Date.now() / 1000;
      if (ahead > LEEWAY_SECONDS || Number(exp) - Number(iat) > LONGEST_TOKEN_SECONDS)
        throw new errors.JWTInvalid('for longer than any token is made');
      return {
        userId: String(sub),
        tenantId: tid,
        sessionId: sid,
        roles,
        expiresAt: Number(exp),
        issuedAt: Number(iat),
        keyId: String(protectedHeader.kid),
      };
    } catch (error) {
      if (error instanceof errors.JOSEError) throw platformErrors.invalid_token({ cause: error });
      throw error;
    }
  }

  private async keyOf(kid: string | undefined): Promise<CryptoKey> {
    const key = kid && kid.length <= 64 ? await this.keys.find(kid) : undefined;
    if (!key) throw new errors.JWKSNoMatchingKey();
    return key;
  }
}
