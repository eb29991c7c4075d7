import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { platformErrors } from '../errors/platform.errors.js';
import { requestContext } from '../observability/request-context.js';
import { ACCESS, type Access } from './access.js';
import { addressMatcher } from './internal-addresses.js';
import { rolesAllow } from './permissions.js';
import type { Principal } from './principal.js';
import { securityConfig, type SecurityConfig } from './security.config.js';
import { TokenVerifier } from './token-verifier.js';

/** Lets a request through only where its route says who may. Deny by default. */
@Injectable()
export class AccessGuard implements CanActivate {
  private readonly isInternal: (address: string) => boolean;

  constructor(
    private readonly reflector: Reflector,
    private readonly tokens: TokenVerifier,
    @Inject(securityConfig.KEY) config: SecurityConfig,
  ) {
    this.isInternal = addressMatcher(config.internalCidrs);
  }

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    if (context.getType() !== 'http') return true; // RPC and sockets have their own door
    const access = this.reflector.getAllAndOverride<Access | undefined>(ACCESS, [
      context.getHandler(),
      context.getClass(),
    ]);
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (!access)
      throw platformErrors.forbidden({ detail: 'The route does not say who may call it.' });
    if (access.kind === 'internal') {
      if (!this.isInternal(request.ip)) throw platformErrors.not_found();
      return true;
    }
    const token = bearerToken(request.headers.authorization);
    if (token === undefined) {
      if (access.kind === 'public') return true;
      throw platformErrors.unauthenticated();
    }
    // The answer stays synchronous for a token seen before: one promise less on the hot path.
    const known = this.tokens.cached(token);
    if (known) return admit(known, access);
    return this.tokens.verify(token).then((principal) => admit(principal, access));
  }
}

function admit(principal: Principal, access: Access): boolean {
  const work = requestContext();
  if (work) {
    work.principal = principal;
    work.tenantId = principal.tenantId;
  }
  if (access.kind === 'permission' && !rolesAllow(principal.roles, access.permission)) {
    throw platformErrors.forbidden();
  }
  return true;
}

/** The token of an `Authorization: Bearer` header; another scheme is a token that is not accepted. */
export function bearerToken(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const match = /^Bearer +([^\s]+)$/i.exec(header);
  if (!match?.[1]) throw platformErrors.invalid_token();
  return match[1];
}
