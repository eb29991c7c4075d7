/** What auth offers the other modules. The only file of this module that they may import. */

import type { CookieSession } from '../../platform/security/credential-store.js';
import type { Principal } from '../../platform/security/principal.js';
import type { RevocationPage } from '../../platform/security/revocations.js';

/** Names of the events that auth publishes. They go to no channel: modules hear of them, sockets do not. */
export const authEvents = {
  /** Nobody sees the account any more, nor what is its own; it may come back. */
  userDeleted: 'user.deleted',
  userRestored: 'user.restored',
  /** The account is gone for good: so must be what others keep of it. */
  userPurged: 'user.purged',
} as const;

/** `data` of every event of auth. */
export interface UserEvent {
  userId: string;
}

/** What anyone of the tenant may know of an account. */
export interface Profile {
  id: string;
  username: string;
  displayName: string;
  avatarUrl: string | null;
}

/** The numbers on a public profile; posts owns them and hands them over. */
export interface ProfileCounts {
  userId: string;
  posts: number;
  followers: number;
  following: number;
}

/** A public key of the JWKS. */
export interface PublicJwk {
  kty: string;
  n: string;
  e: string;
  kid: string;
  alg: 'RS256';
  use: 'sig';
}

/** In this process or over the wire: callers cannot tell. */
export abstract class AuthApi {
  /** Profiles by id; ids that do not exist in the tenant are absent. At most 200 ids a call. */
  abstract profilesByIds(tenantId: string, ids: readonly string[]): Promise<Map<string, Profile>>;
  /** The account of that name in the tenant; names compare without case. */
  abstract profileByUsername(tenantId: string, username: string): Promise<Profile | undefined>;
  /** Sets the numbers on profiles; absolute values, so a repeat changes nothing. */
  abstract setCounts(counts: readonly ProfileCounts[]): Promise<void>;
  /** Notes that these sessions are in use now; the rest of the sessions stay as they are. At most 1000 ids a call. */
  abstract noteActivity(sessionIds: readonly string[]): Promise<void>;
  /**
   * The keys under which access tokens may be signed now.
   *
   * @param wanted a key id that the caller does not have: where it is new to auth as well, the keys are read again
   */
  abstract publicKeys(wanted?: string): Promise<PublicJwk[]>;
  /** Who an API key stands for, by its hash (`CredentialStore`). */
  abstract callerOfApiKey(hash: string): Promise<Principal | undefined>;
  /** The browser's session behind the hash of a cookie (`CredentialStore`). */
  abstract sessionOfCookie(hash: string): Promise<CookieSession | undefined>;
  /** What was revoked since the page before (`0`: all that still matters), for every process that admits callers. */
  abstract revocationsAfter(cursor: string): Promise<RevocationPage>;
}

/** Whom the operator's command line makes an administrator. */
export interface AdminRequest {
  tenantId: string;
  email: string;
  /** Made of the address without it. */
  username?: string | undefined;
  /** Generated without it. */
  password?: string | undefined;
  /** Whether an account that is there gets the role though nobody has ever proved its address. */
  force?: boolean | undefined;
}

/** The account that is an administrator now, or why there is none: a sentence for the terminal. */
export type AdminCreated =
  | {
      outcome: 'created';
      username: string;
      /** The one that was generated: it is nowhere else. */
      password: string | null;
    }
  | { outcome: 'promoted' | 'was admin'; username: string; emailVerified: boolean }
  | { outcome: 'refused'; reason: string };

/**
 * Makes an administrator: a new account with a verified address, or the one that the address has, whose
 * password stays. For the command line, in a process where auth runs; it is never offered over the wire.
 */
export abstract class CreateAdmin {
  abstract execute(request: AdminRequest): Promise<AdminCreated>;
}
