/** What auth offers the other modules. The only file of this module that they may import. */

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
  /** The keys under which access tokens may be signed now. */
  abstract publicKeys(): Promise<PublicJwk[]>;
  /** What was revoked since the page before (`0`: all that still matters), for every process that admits callers. */
  abstract revocationsAfter(cursor: string): Promise<RevocationPage>;
}
