import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { AppError } from '../errors/app-error.js';
import { platformErrors } from '../errors/platform.errors.js';
import { requestContext } from '../observability/request-context.js';
import { ACCESS, type Access } from './access.js';
import { basicPassword, isBasic, mayBeByBrowser, OPERATIONS_CHALLENGE } from './basic.js';
import { INTERNAL_KEY, InternalCallers } from './internal-callers.js';
import { allows } from './allows.js';
import type { Permission } from './permissions.js';
import type { Principal } from './principal.js';
import { isSecretName, secretInUrl } from './secrets-in-url.js';
import { sessionCookieOf, SessionCookies } from './session-cookies.js';
import { TokenVerifier } from './token-verifier.js';

/** Lets a request through only where its route says who may. Deny by default. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly tokens: TokenVerifier,
    private readonly cookies: SessionCookies,
    private readonly internal: InternalCallers,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    if (context.getType() !== 'http') return true; // RPC and sockets have their own door
    const access = this.reflector.getAllAndOverride<Access | undefined>(ACCESS, [
      context.getHandler(),
      context.getClass(),
    ]);
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (!access)
      throw platformErrors.forbidden({ detail: 'The route does not say who may call it.' });
    refuseTokenInUrl(request);
    const onlyInternal = access.kind === 'internal' || access.kind === 'ops';
    if (onlyInternal && !this.internal.isInternal(request.ip)) throw platformErrors.not_found();
    if (access.kind === 'ops') return this.admitOperator(request);
    const hasKey = this.admitKey(request);
    if (access.kind === 'internal') return true;
    const asked = access.kind === 'public' ? undefined : access.permission;
    // The one permission that a key gives: what is left to ask for is asked of the token.
    const required = hasKey && asked === 'ops:manage' ? undefined : asked;
    // Logging in and refreshing must work for a client that sends its old token along with everything.
    if (access.kind === 'public' && !reads.has(request.method)) return this.admitAnybody(request);
    const token = bearerToken(request.headers.authorization);
    const cookie = token === undefined ? sessionCookieOf(request) : undefined;
    if (cookie === undefined) return this.admitToken(token, required);
    return this.admitCookie(cookie, request, access.kind === 'public', required);
  }

  /** What writes on a public route (a login) is for anybody: a token says who it is, and a bad one is none. */
  private async admitAnybody(request: FastifyRequest): Promise<boolean> {
    try {
      return await this.admitToken(bearerToken(request.headers.authorization));
    } catch (error) {
      if (error instanceof AppError && error.code === 'invalid_token') return true;
      throw error;
    }
  }

  /** Where a public route is read, a cookie says who looks. */
  private async admitCookie(
    cookie: string,
    request: FastifyRequest,
    isPublic: boolean,
    required: Permission | undefined,
  ): Promise<boolean> {
    const principal = await this.cookies.verify(cookie, request);
    if (principal) return admit(principal, required);
    if (isPublic) return true;
    throw platformErrors.invalid_token();
  }

  /** Here a browser counts as well, which cannot send a header of its own choice: it sends Basic. */
  private async admitOperator(request: FastifyRequest): Promise<boolean> {
    try {
      const { authorization } = request.headers;
      // A token beside a key must still be valid.
      if (this.admitKey(request)) return await this.admitToken(bearerToken(authorization));
      const password = basicPassword(authorization);
      if (password === undefined)
        return await this.admitToken(bearerToken(authorization), 'ops:manage');
      if (!mayBeByBrowser(request))
        throw platformErrors.forbidden({
          detail: 'A page of another origin may not do this with the credentials of a browser.',
        });
      if (!this.internal.knows(password)) return await this.admitToken(password, 'ops:manage');
      const work = requestContext();
      if (work) work.hasInternalKey = true;
      return true;
    } catch (error) {
      if (!(error instanceof AppError) || error.status !== 401) throw error;
      const headers = { ...error.options.headers, 'www-authenticate': OPERATIONS_CHALLENGE };
      throw new AppError(error.code, error.definition, { ...error.options, headers });
    }
  }

  /** The answer stays synchronous for a token seen before: one promise less on the hot path. */
  private admitToken(token: string | undefined, required?: Permission): boolean | Promise<boolean> {
    if (token === undefined) {
      if (required === undefined) return true;
      throw platformErrors.unauthenticated();
    }
    const known = this.tokens.cached(token);
    if (known) return admit(known, required);
    return this.tokens.verify(token).then((principal) => admit(principal, required));
  }

  /** Notes an internal key for the limits, which come next. It stands for no user. */
  private admitKey(request: FastifyRequest): boolean {
    const hasKey = this.internal.holdsKey(request.ip, request.headers[INTERNAL_KEY]);
    const work = requestContext();
    if (hasKey && work) work.hasInternalKey = true;
    return hasKey;
  }
}

const reads = new Set(['GET', 'HEAD']);

/** By its name, whatever its value is; what looks like a secret is refused before (`http-hooks.ts`). */
function refuseTokenInUrl({ query }: FastifyRequest): void {
  // Most requests have no query, and fastify gives those an empty object.
  for (const name in query as object) if (isSecretName(name)) throw secretInUrl();
}

function admit(principal: Principal, required: Permission | undefined): boolean {
  const work = requestContext();
  if (work) {
    work.principal = principal;
    work.tenantId = principal.tenantId;
  }
  if (required && !allows(principal, required)) throw refusal(principal, required);
  return true;
}

function refusal({ scopes }: Principal, required: Permission): Error {
  const detail =
    scopes && !scopes.includes(required)
      ? `The API key lacks the scope "${required}".`
      : `The account lacks the permission "${required}".`;
  return platformErrors.forbidden({ detail });
}

/**
 * The token of an `Authorization: Bearer` header. Basic is nothing here: a browser that was once asked
 * for it by the console sends it along to every path. Any other scheme is a token that is not accepted.
 */
export function bearerToken(header: string | undefined): string | undefined {
  if (header === undefined || isBasic(header)) return undefined;
  const match = /^Bearer +([^\s]+)$/i.exec(header);
  if (!match?.[1]) throw platformErrors.invalid_token();
  return match[1];
}
