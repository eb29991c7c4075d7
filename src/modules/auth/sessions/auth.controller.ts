import { Body, Controller, Headers, HttpCode, Post, Req, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiCreatedResponse,
  ApiHeader,
  ApiOkResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ApiProblems } from '../../../platform/http/api-problems.js';
import { goneSignal } from '../../../platform/http/gone-signal.js';
import { text } from '../../../platform/http/text.js';
import { Public } from '../../../platform/security/access.js';
import { Limit } from '../../../platform/throttling/limit.js';
import {
  displayName,
  email,
  enteredPassword,
  ownProfile,
  password,
  username,
  type OwnProfile,
} from '../accounts/account.schemas.js';
import { Register } from '../accounts/register.js';
import { ResolveTenant } from '../tenants/resolve-tenant.js';
import { Login } from './login.js';
import type { Device, TokenPair } from './open-session.js';
import { Refresh } from './refresh.js';

const registration = z
  .strictObject({ email, username, password, displayName: displayName.optional() })
  .meta({ id: 'Registration' });
const credentials = z
  .strictObject({ identifier: text(1, 254), password: enteredPassword })
  .meta({ id: 'Credentials', description: '`identifier` is a user name or an e-mail address.' });
const refreshRequest = z
  .strictObject({ refreshToken: z.string().min(1).max(256) })
  .meta({ id: 'RefreshRequest' });
const tokenPair = z
  .object({
    accessToken: z.string(),
    refreshToken: z.string(),
    tokenType: z.literal('Bearer'),
    expiresIn: z.int(),
  })
  .meta({ id: 'TokenPair' });
const registered = tokenPair.extend({ user: ownProfile }).meta({ id: 'Registered' });

const TenantHeader = () =>
  ApiHeader({
    name: 'X-Tenant',
    required: false,
    description: 'An existing tenant; `default` without it.',
  });

@ApiTags('auth')
@Controller('api/v1/auth')
export class AuthController {
  constructor(
    private readonly registerAccount: Register,
    private readonly loginAccount: Login,
    private readonly refreshSession: Refresh,
    private readonly tenant: ResolveTenant,
  ) {}

  /** Creates an account and logs it in. A known e-mail address is answered 202, and its owner gets a mail. */
  @Post('register')
  @Public()
  @Limit('auth')
  @TenantHeader()
  @ApiCreatedResponse({ standardSchema: registered })
  @ApiAcceptedResponse({ description: 'The address is known; its owner was told.' })
  @ApiProblems(400, 409, 422, 429)
  async register(
    @Body({ schema: registration }) body: z.output<typeof registration>,
    @Headers('x-tenant') tenant: string | undefined,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<({ user: OwnProfile } & TokenPair) | { status: 'accepted' }> {
    const result = await this.registerAccount.execute(
      await this.tenant.execute(tenant),
      body,
      deviceOf(request),
    );
    void reply.header('cache-control', 'no-store');
    if (result.outcome === 'created') return result.answer;
    void reply.code(202);
    return { status: 'accepted' };
  }

  /** Opens a session. */
  @Post('login')
  @HttpCode(200)
  @Public()
  @Limit('auth')
  @TenantHeader()
  @ApiOkResponse({ standardSchema: tokenPair })
  @ApiProblems(400, 401, 422, 429, 503)
  async login(
    @Body({ schema: credentials }) body: z.output<typeof credentials>,
    @Headers('x-tenant') tenant: string | undefined,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TokenPair> {
    void reply.header('cache-control', 'no-store');
    const tenantId = await this.tenant.execute(tenant);
    const { identifier, password: entered } = body;
    const [device, signal] = [deviceOf(request), goneSignal(reply)];
    return this.loginAccount.execute(tenantId, identifier, entered, device, signal);
  }

  /** A new pair of tokens for a refresh token, which is used up by it. */
  @Post('refresh')
  @HttpCode(200)
  @Public()
  @Limit('refresh')
  @ApiOkResponse({ standardSchema: tokenPair })
  @ApiProblems(400, 401, 422, 429)
  async refresh(
    @Body({ schema: refreshRequest }) body: z.output<typeof refreshRequest>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TokenPair> {
    void reply.header('cache-control', 'no-store');
    return this.refreshSession.execute(body.refreshToken);
  }
}

function deviceOf(request: FastifyRequest): Device {
  return { ip: request.ip, name: (request.headers['user-agent'] ?? '').slice(0, 200) };
}
