import type { Principal } from './principal.js';

/** The session behind a browser's cookie. */
export interface CookieSession {
  principal: Principal;
  /** What its pages send as `X-CSRF-Token` with everything that changes something: one of these. */
  csrfTokens: readonly string[];
}

/**
 * Credentials that are looked up, not verified: auth provides it, from its tables or over the wire.
 * Both are named by the SHA-256 of the secret in base64url, so that no secret travels between processes.
 */
export abstract class CredentialStore {
  /** Undefined for one that is unknown, revoked or expired, and for accounts that may not act. */
  abstract ofApiKey(hash: string): Promise<Principal | undefined>;
  /** Undefined for a cookie that is unknown or was replaced, and when its session is over. */
  abstract ofCookie(hash: string): Promise<CookieSession | undefined>;
}

/** For so long what was looked up is believed; revocations reach what is kept within seconds. */
export const BELIEVED_MS = 60_000;
