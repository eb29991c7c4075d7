import type { Permission } from './permissions.js';

/** The tenant of callers that name none; its admins look after the whole deployment. */
export const DEFAULT_TENANT = 'default';

/** Who makes a request, as the verified credential says. */
export interface Principal {
  userId: string;
  tenantId: string;
  /** The session that the credential is of; of an API key its id. What ends when it is revoked. */
  sessionId: string;
  roles: readonly string[];
  /** What it is good for at most, of all that the roles allow; undefined for a session: everything. */
  scopes?: readonly Permission[];
  /** Unix seconds at which the credential ends. */
  expiresAt: number;
  /** Unix seconds at which it was issued; of an API key those at which it was looked up. */
  issuedAt: number;
  /** The key that signed the token; undefined where nothing was signed. */
  keyId?: string;
}
