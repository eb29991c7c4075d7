import type { FastifyRequest } from 'fastify';
import type { Principal } from '../security/principal.js';
import { refreshTokenPattern, sessionCookieOf } from '../security/session-cookies.js';
import { clientAddress } from './client-address.js';
import type { RoutePolicy } from './limit.js';
import type { LimitsConfig, PolicyName } from './limits.config.js';
import type { Window } from './window.js';

const reads = new Set(['GET', 'HEAD', 'OPTIONS']);

/** A policy, and whose requests are counted together under it. */
export interface Counted {
  policy: PolicyName;
  tracker: string;
}

/** What a route says of its limits. */
export interface RouteLimits {
  policy?: RoutePolicy | undefined;
  /** Whether it ends sessions or keys. */
  endsAccess?: boolean;
  /**
   * Whether the request's credential was refused: it counts by the minute alone. Who sends an expired token must
   * be told so (401), and not be shut out for the hour of anonymous callers.
   */
  isRefused?: boolean;
}

/** Every policy that applies to a request. */
export function policiesOf(
  request: FastifyRequest,
  { policy, endsAccess = false, isRefused = false }: RouteLimits,
  caller: Principal | undefined,
): Counted[] {
  const address = clientAddress(request.ip);
  const userId = caller?.userId;
  const tracker = userId ?? address;
  const counted: Counted[] = [];
  if (policy === 'auth') counted.push({ policy, tracker: address });
  if (policy === 'refresh') counted.push({ policy, tracker: refreshTracker(request) ?? address });
  if (policy === 'search') counted.push({ policy: userId ? 'search' : 'searchAnonymous', tracker });
  // By its route: a path has other spellings (`/%61pi/`, `http://host/api/`) that lead to the same one.
  if (!request.routeOptions.url?.startsWith('/api/')) return counted;
  counted.push(quickPolicyOf(request, caller));
  if (isRefused || (endsAccess && caller && !caller.scopes)) return counted;
  // A session is not anonymous: 25 people behind one address would share 100 refreshes an hour.
  if (policy === 'refresh') return counted;
  counted.push({ policy: userId ? 'hourly' : 'hourlyAnonymous', tracker });
  // Opening a session has a policy of its own, made for callers without a token.
  if (!reads.has(request.method) && policy !== 'auth') {
    counted.push({ policy: userId ? 'writes' : 'writesAnonymous', tracker });
  }
  return counted;
}

/**
 * The policy of every request to the API, whatever becomes of it. Each API key has a quick limit of its own; by the
 * hour all keys of an account count together.
 */
export function quickPolicyOf({ ip }: FastifyRequest, caller: Principal | undefined): Counted {
  const tracker = caller?.scopes ? caller.sessionId : (caller?.userId ?? clientAddress(ip));
  return { policy: 'api', tracker };
}

/** Every policy that a logged-in caller can meet, for `GET /users/me/limits`. */
export function policiesOfCaller(caller: Principal, ip: string): Counted[] {
  const user = caller.userId;
  const address = clientAddress(ip);
  return [
    { policy: 'api', tracker: caller.scopes ? caller.sessionId : user },
    { policy: 'hourly', tracker: user },
    { policy: 'writes', tracker: user },
    { policy: 'search', tracker: user },
    { policy: 'auth', tracker: address },
    { policy: 'refresh', tracker: sessionTracker(caller.sessionId) },
    { policy: 'handshake', tracker: address },
  ];
}

/**
 * The window of a policy for one tracker. The braces put all windows of a tracker into one slot of a
 * Redis cluster.
 */
export function windowOf({ policy, tracker }: Counted, limits: LimitsConfig): Window {
  const { limit, windowSeconds } = limits[policy];
  return { key: `{${tracker}}:${policy}`, limit, windowMs: windowSeconds * 1000 };
}

/** The part of a refresh token that is the same in all tokens of its session; the secret part stays out. */
function refreshTracker(request: FastifyRequest): string | undefined {
  const body = request.body as { refreshToken?: unknown } | null | undefined;
  const token = body?.refreshToken ?? sessionCookieOf(request);
  if (typeof token !== 'string') return undefined;
  return refreshTokenPattern.exec(token)?.[1];
}

/** The same part, made of the session's id. */
function sessionTracker(sessionId: string): string {
  return Buffer.from(sessionId.replaceAll('-', ''), 'hex').toString('base64url');
}
