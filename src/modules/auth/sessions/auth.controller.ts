import { Body, Controller, Headers, HttpCode, Post, Query, Req, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiCookieAuth,
  ApiCreatedResponse,
  ApiOkResponse,
  ApiSecurity,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { platformErrors } from '../../../platform/errors/platform.errors.js';
import { accepted, type Accepted } from '../../../platform/http/accepted.js';
import { ApiProblems } from '../../../platform/http/api-problems.js';
import { goneSignal } from '../../../platform/http/gone-signal.js';
import { text } from '../../../platform/http/text.js';
import { Public } from '../../../platform/security/access.js';
import { sessionCookieOf, SessionCookies } from '../../../platform/security/session-cookies.js';
import { Limit } from '../../../platform/throttling/limit.js';
import {
  displayName,
  email,
  enteredPassword,
  password,
  username,
  type OwnProfile,
} from '../accounts/account.schemas.js';
import { Register } from '../accounts/register.js';
import { TenantHeader } from '../tenants/tenant-header.js';
import { ResolveTenant } from '../tenants/resolve-tenant.js';
import { deviceOf } from './device-of.js';
import { HandOutTokens } from './hand-out-tokens.js';
import { Login } from './login.js';
import type { TokenPair } from './open-session.js';
import { Refresh } from './refresh.js';
import {
  anyTokens,
  modeQuery,
  registered,
  setsCookie,
  type BrowserSession,
} from './token.schemas.js';

const registration = z
  .strictObject({ email, username, password, displayName: displayName.optional() })
  .meta({ id: 'Registration' });
const credentials = z
  .strictObject({ identifier: text(1, 254), password: enteredPassword })
  .meta({ id: 'Credentials', description: '`identifier` is a user name or an e-mail address.' });
const refreshRequest = z
  .strictObject({
    refreshToken: z
      .string()
      .min(1)
      .max(4096)
      .optional()
      .meta({ description: 'Left out by browsers, whose cookie has it.' }),
  })
  .default({})
  .meta({ id: 'RefreshRequest' });

@ApiTags('auth')
@Controller('api/v1/auth')
export class AuthController {
  constructor(
    private readonly registerAccount: Register,
    private readonly loginAccount: Login,
    private readonly refreshSession: Refresh,
    private readonly tenant: ResolveTenant,
    private readonly handOut: HandOutTokens,
    private readonly cookies: SessionCookies,
  ) {}

  /** Creates an account and logs it in. A known e-mail address is answered 202, and its owner gets a mail. */
  @Post('register')
  @Public()
  @Limit('auth')
  @TenantHeader()
  @ApiCreatedResponse({ standardSchema: registered, headers: setsCookie })
  @ApiAcceptedResponse({
    standardSchema: accepted,
    description: 'The address is known; its owner was told.',
  })
  @ApiProblems(400, 403, 409, 422, 429)
  async register(
    @Body({ schema: registration }) body: z.output<typeof registration>,
    @Query({ schema: modeQuery }) { mode }: z.output<typeof modeQuery>,
    @Headers('x-tenant') tenant: string | undefined,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<({ user: OwnProfile } & (TokenPair | BrowserSession)) | Accepted> {
    if (mode === 'cookie') this.cookies.refuseForeignPage(request);
    const result = await this.registerAccount.execute(
      await this.tenant.execute(tenant),
      body,
      deviceOf(request),
    );
    void reply.header('cache-control', 'no-store');
    if (result.outcome === 'created') return this.handOut.execute(result.answer, mode, reply);
    void reply.code(202);
    return { status: 'accepted' };
  }

  /** Opens a session. */
  @Post('login')
  @HttpCode(200)
  @Public()
  @Limit('auth')
  @TenantHeader()
  @ApiOkResponse({ standardSchema: anyTokens, headers: setsCookie })
  @ApiProblems(400, 401, 403, 409, 422, 429, 503)
  async login(
    @Body({ schema: credentials }) body: z.output<typeof credentials>,
    @Query({ schema: modeQuery }) { mode }: z.output<typeof modeQuery>,
    @Headers('x-tenant') tenant: string | undefined,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TokenPair | BrowserSession> {
    void reply.header('cache-control', 'no-store');
    if (mode === 'cookie') this.cookies.refuseForeignPage(request);
    const tenantId = await this.tenant.execute(tenant);
    const { identifier, password: entered } = body;
    const [device, signal] = [deviceOf(request), goneSignal(reply)];
    const tokens = await this.loginAccount.execute(tenantId, identifier, entered, device, signal);
    return this.handOut.execute(tokens, mode, reply);
  }

  /**
   * A new pair of tokens for a refresh token, which is used up by it. A browser leaves the body out and sends
   * its cookie, with `X-CSRF-Token` and from a listed origin.
   */
  @Post('refresh')
  @HttpCode(200)
  @Public()
  @Limit('refresh')
  @ApiSecurity({})
  @ApiCookieAuth()
  @ApiOkResponse({ standardSchema: anyTokens, headers: setsCookie })
  @ApiProblems(400, 401, 403, 409, 422, 429)
  async refresh(
    @Body({ schema: refreshRequest }) body: z.output<typeof refreshRequest>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TokenPair | BrowserSession> {
    void reply.header('cache-control', 'no-store');
    const isCookie = body.refreshToken === undefined;
    const token = body.refreshToken ?? (await this.tokenOfPage(request));
    const tokens = await this.refreshSession.execute(token);
    return this.handOut.execute(tokens, isCookie ? 'cookie' : undefined, reply);
  }

  /** The refresh token in the cookie; who it is of does not matter here, but who wrote the page. */
  private async tokenOfPage(request: FastifyRequest): Promise<string> {
    const cookie = sessionCookieOf(request);
    if (cookie === undefined) throw noRefreshToken();
    await this.cookies.verify(cookie, request);
    return cookie;
  }
}

const noRefreshToken = (): Error =>
  platformErrors.validation_failed({
    errors: [
      { path: 'refreshToken', code: 'required', message: 'expected here, or as a session cookie' },
    ],
  });
