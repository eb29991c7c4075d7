import { Controller, Get, Headers, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiFoundResponse, ApiOkResponse, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ApiProblems } from '../../../platform/http/api-problems.js';
import { text } from '../../../platform/http/text.js';
import { Public, RequirePermission } from '../../../platform/security/access.js';
import { Caller } from '../../../platform/security/caller.js';
import type { Principal } from '../../../platform/security/principal.js';
import { Limit } from '../../../platform/throttling/limit.js';
import { HandOutTokens } from '../sessions/hand-out-tokens.js';
import { deviceOf } from '../sessions/device-of.js';
import type { TokenPair } from '../sessions/open-session.js';
import { tokenPair } from '../sessions/token.schemas.js';
import { ResolveTenant } from '../tenants/resolve-tenant.js';
import { TenantHeader } from '../tenants/tenant-header.js';
import { BeginFlow } from './begin-flow.js';
import { BeginLink } from './begin-link.js';
import { FinishFlow } from './finish-flow.js';
import { FlowCookie } from './flow-cookie.js';
import { providerNames } from './provider.js';
import { identityView, presentIdentity, type IdentityView } from './identity.schemas.js';

const returnTo = text(1, 2000).optional().meta({
  description:
    'Where the browser goes in the end: an address on one of the origins of `http.corsOrigins`. Without it the end is answered with JSON.',
});
const linkQuery = z.strictObject({ returnTo });
const beginQuery = linkQuery.extend({
  tenant: text(1, 63)
    .optional()
    .meta({ description: 'For links, which carry no `X-Tenant`: an existing tenant.' }),
});
/** Providers add parameters of their own, which mean nothing here. */
const providerAnswer = z.object({
  code: text(1, 4096).optional(),
  state: text(1, 512).optional(),
  iss: text(1, 512).optional(),
  error: text(1, 512).optional(),
});
const linkBegun = z.object({ url: z.url() }).meta({ id: 'LinkBegun' });
const setsFlowCookie = {
  'Set-Cookie': {
    description:
      'What ties the browser to its sign-in; at the end the session, where one was opened.',
    required: true,
    schema: { type: 'string' as const },
  },
};
const sentOn = {
  Location: { required: true, schema: { type: 'string' as const } },
  ...setsFlowCookie,
};
const finished = z.union([tokenPair, identityView]);

@ApiTags('auth')
@ApiParam({ name: 'provider', enum: providerNames })
@Controller('api/v1/auth/oauth')
export class OAuthController {
  constructor(
    private readonly beginFlow: BeginFlow,
    private readonly beginLink: BeginLink,
    private readonly finishFlow: FinishFlow,
    private readonly cookie: FlowCookie,
    private readonly tenant: ResolveTenant,
    private readonly handOut: HandOutTokens,
  ) {}

  /** Sends the browser to `google` or `github` to sign in there; it comes back to the callback. */
  @Get(':provider')
  @Public()
  @Limit('auth')
  @TenantHeader()
  @ApiFoundResponse({ description: 'To the provider.', headers: sentOn })
  @ApiProblems(400, 404, 429, 503)
  async begin(
    @Param('provider') provider: string,
    @Query({ schema: beginQuery }) query: z.output<typeof beginQuery>,
    @Headers('x-tenant') tenant: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const tenantId = await this.tenant.execute(tenant ?? query.tenant);
    const { url, cookie } = await this.beginFlow.execute(provider, {
      tenantId,
      returnTo: query.returnTo,
    });
    goTo(reply.header('set-cookie', cookie), 302, url);
  }

  /**
   * Where the provider sends the browser back to. Opens a session, for a new account where there is none
   * yet, or links the identity to the account that asked for it. However it ends, also with an error, it
   * takes away the cookie of the beginning. A browser keeps one beginning, the latest.
   */
  @Get(':provider/callback')
  @RouteConfig({ takesCodes: true })
  @Public()
  @ApiOkResponse({
    standardSchema: finished,
    description: 'The tokens, or of a link the identity; without `returnTo`.',
    headers: setsFlowCookie,
  })
  @ApiResponse({
    status: 303,
    description: 'To the `returnTo` of the beginning; with `?error=` and its code where it failed.',
    headers: sentOn,
  })
  @ApiProblems(400, 403, 404, 409, 429, 503)
  async callback(
    @Param('provider') provider: string,
    @Query({ schema: providerAnswer }) answer: z.output<typeof providerAnswer>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TokenPair | IdentityView | undefined> {
    void reply.header('cache-control', 'no-store');
    const flow = this.finishFlow.flowOf(provider, answer, request.headers.cookie);
    // However it ends, it is used up; an answer to another one leaves it alone.
    void reply.header('set-cookie', this.cookie.clear());
    const device = deviceOf(request);
    const { returnTo: address, ...end } = await this.finishFlow.execute(flow, answer, device);
    if (address === undefined) return end.tokens ?? (end.identity && presentIdentity(end.identity));
    // A browser that is sent on reads no body, and an address is no place for tokens.
    if (end.tokens) this.handOut.execute(end.tokens, 'cookie', reply);
    goTo(reply, 303, address);
    return undefined;
  }

  /**
   * Begins to link an identity to the caller's account: send the browser to `url`. The answer's cookie
   * must be kept, so a page fetches this with its credentials included.
   */
  @Post(':provider/link')
  @HttpCode(200)
  @RequirePermission('account:security')
  @Limit('auth')
  @ApiOkResponse({ standardSchema: linkBegun, headers: setsFlowCookie })
  @ApiProblems(400, 404, 409, 422, 429, 503)
  async link(
    @Caller() caller: Principal,
    @Param('provider') provider: string,
    @Query({ schema: linkQuery }) query: z.output<typeof linkQuery>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<{ url: string }> {
    const { url, cookie } = await this.beginLink.execute(caller, provider, query.returnTo);
    void reply.header('set-cookie', cookie).header('cache-control', 'no-store');
    return { url };
  }
}

function goTo(reply: FastifyReply, status: 302 | 303, url: string): void {
  void reply.code(status).header('location', url).header('cache-control', 'no-store');
}
