import { createHash, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { parseCookie, stringifySetCookie } from 'cookie';
import type { FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import { platformErrors } from '../errors/platform.errors.js';
import { httpConfig, type HttpConfig } from '../http/http.config.js';
import { loggerOf } from '../logging/logger.js';
import { ActiveSessions } from './active-sessions.js';
import { CredentialStore, type CookieSession } from './credential-store.js';
import type { Principal } from './principal.js';
import { Revocations } from './revocations.js';

const log = loggerOf('security');

/**
 * Browsers send it to this host alone, over TLS alone, and with requests of its own site alone; no script
 * reads it. It holds the refresh token, which for a browser is the session itself.
 */
export const SESSION_COOKIE = '__Host-mainstay';
/** A refresh token: the session that it is of, which proves nothing, and 256 random bits. */
export const refreshTokenPattern = /^mr_([A-Za-z0-9_-]{22})\.[A-Za-z0-9_-]{43}$/;
const CSRF_HEADER = 'x-csrf-token';

/** Sessions of browsers kept per process; the number of concurrent users in the plan. */
const CACHE_SIZE = 10_000;
/**
 * One that was replaced by a refresh is good for ten seconds more (`auth.refreshGraceSeconds`), and for those who looked
 * it up in that time twenty at most.
 */
const COOKIE_BELIEVED_MS = 10_000;
const reads = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Sessions of browsers: who a cookie stands for, and whether a page of ours has sent the request. */
@Injectable()
export class SessionCookies {
  private readonly known = new LRUCache<string, CookieSession>({
    max: CACHE_SIZE,
    ttl: COOKIE_BELIEVED_MS,
  });
  private readonly origins: ReadonlySet<string>;

  constructor(
    private readonly store: CredentialStore,
    private readonly revocations: Revocations,
    private readonly active: ActiveSessions,
    @Inject(httpConfig.KEY) http: HttpConfig,
  ) {
    this.origins = new Set(http.corsOrigins);
  }

  /**
   * Who a cookie stands for; undefined when it stands for nobody any more.
   *
   * @throws AppError `csrf_refused` for a write without the session's token or from a page that is not listed
   */
  async verify(cookie: string, request: FastifyRequest): Promise<Principal | undefined> {
    const session = this.current(this.known.get(cookie)) ?? this.current(await this.find(cookie));
    if (!session) return undefined;
    const { principal, csrfTokens } = session;
    if (!reads.has(request.method)) this.refuseForgery(request, csrfTokens);
    this.active.note(principal.sessionId);
    return principal;
  }

  private current(session: CookieSession | undefined): CookieSession | undefined {
    const principal = session && this.revocations.judge(session.principal);
    if (!principal || principal.expiresAt * 1000 <= Date.now()) return undefined;
    return { ...session, principal };
  }

  /** @throws AppError `csrf_refused` when a page that is not listed asks for a cookie, or uses one */
  refuseForeignPage({ headers: { origin } }: FastifyRequest): void {
    if (origin === undefined || this.origins.has(origin)) return;
    throw refused('origin');
  }

  private refuseForgery(request: FastifyRequest, csrfTokens: readonly string[]): void {
    const { origin, [CSRF_HEADER]: sent } = request.headers;
    const isListed = origin !== undefined && this.origins.has(origin);
    if (!isListed) throw refused('origin');
    const isOurs = typeof sent === 'string' && csrfTokens.some((token) => isSame(sent, token));
    if (!isOurs) throw refused('token');
  }

  private async find(cookie: string): Promise<CookieSession | undefined> {
    if (!refreshTokenPattern.test(cookie)) return undefined;
    await this.revocations.loaded();
    const session = await this.store.ofCookie(sha256(cookie));
    if (session) this.known.set(cookie, session);
    return session;
  }
}

const reasons = {
  origin:
    'The page that sends the cookie is none of ours: its `Origin` is missing or not listed in CORS_ORIGINS.',
  token: '`X-CSRF-Token` is missing, or not that of this session: GET /api/v1/auth/csrf gives it.',
};

/** @param reason what did not fit; neither an origin nor a token is logged, for anybody may send anything */
function refused(reason: keyof typeof reasons): Error {
  log.warn({ event: 'csrf_refused', reason }, 'a request with a session cookie may be forged');
  return platformErrors.csrf_refused({ detail: reasons[reason] });
}

/** The session cookie of a request, if it has one. */
export function sessionCookieOf({ headers: { cookie } }: FastifyRequest): string | undefined {
  return cookie?.includes(SESSION_COOKIE) ? parseCookie(cookie)[SESSION_COOKIE] : undefined;
}

/** `Set-Cookie` for a session; without a value it takes the cookie away. */
export function setSessionCookie(value?: string, days = 0): string {
  return stringifySetCookie({
    name: SESSION_COOKIE,
    value: value ?? '',
    maxAge: value === undefined ? 0 : days * 86_400,
    path: '/',
    httpOnly: true,
    secure: true,
    sameSite: 'strict',
  });
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url');

function isSame(sent: string, expected: string): boolean {
  const [a, b] = [sent, expected].map((text) => createHash('sha256').update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}
