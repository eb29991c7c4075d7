import { Body, Controller, Headers, HttpCode, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiNoContentResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { accepted, type Accepted } from '../../../platform/http/accepted.js';
import { ApiProblems } from '../../../platform/http/api-problems.js';
import { Public, RequirePermission } from '../../../platform/security/access.js';
import { Caller } from '../../../platform/security/caller.js';
import type { Principal } from '../../../platform/security/principal.js';
import { EndsAccess, Limit } from '../../../platform/throttling/limit.js';
import { email, enteredPassword, password } from '../accounts/account.schemas.js';
import { oneTimeToken } from '../one-time-tokens/one-time-token.js';
import { TenantHeader } from '../tenants/tenant-header.js';
import { ResolveTenant } from '../tenants/resolve-tenant.js';
import { ChangePassword } from './change-password.js';
import { RequestPasswordReset } from './request-password-reset.js';
import { ResetPassword } from './reset-password.js';

const forgotten = z.strictObject({ email }).meta({ id: 'PasswordForgotten' });
const reset = z
  .strictObject({ token: oneTimeToken, newPassword: password })
  .meta({ id: 'PasswordReset' });
const change = z
  .strictObject({ currentPassword: enteredPassword, newPassword: password })
  .meta({ id: 'PasswordChange' });

@ApiTags('auth')
@Controller('api/v1/auth/password')
export class PasswordsController {
  constructor(
    private readonly requestReset: RequestPasswordReset,
    private readonly resetPassword: ResetPassword,
    private readonly changePassword: ChangePassword,
    private readonly tenant: ResolveTenant,
  ) {}

  /** Mails a link for a new password, if an account has the address. The answer does not tell. */
  @Post('forgot')
  @HttpCode(202)
  @Public()
  @Limit('auth')
  @TenantHeader()
  @ApiAcceptedResponse({
    standardSchema: accepted,
    description: 'Whether or not an account has the address.',
  })
  @ApiProblems(400, 409, 422, 429)
  async forgot(
    @Body({ schema: forgotten }) body: z.output<typeof forgotten>,
    @Headers('x-tenant') tenant: string | undefined,
  ): Promise<Accepted> {
    await this.requestReset.execute(await this.tenant.execute(tenant), body.email);
    return { status: 'accepted' };
  }

  /** Sets a new password with the token of a mail, and ends all sessions and API keys of the account. */
  @Post('reset')
  @HttpCode(204)
  @Public()
  @Limit('auth')
  @ApiNoContentResponse({ description: 'The new password is set; no session is left.' })
  @ApiProblems(400, 409, 422, 429, 503)
  async reset(@Body({ schema: reset }) body: z.output<typeof reset>): Promise<void> {
    await this.resetPassword.execute(body.token, body.newPassword);
  }

  /** Sets a new password; the caller's other sessions end. A wrong current one is 403 `wrong_password`. */
  @Post('change')
  @HttpCode(204)
  @RequirePermission('account:security')
  @Limit('auth')
  @EndsAccess()
  @ApiNoContentResponse({ description: 'The new password is set; the other sessions have ended.' })
  @ApiProblems(400, 403, 409, 422, 429, 503)
  async change(
    @Caller() caller: Principal,
    @Body({ schema: change }) body: z.output<typeof change>,
  ): Promise<void> {
    await this.changePassword.execute(caller, body.currentPassword, body.newPassword);
  }
}
