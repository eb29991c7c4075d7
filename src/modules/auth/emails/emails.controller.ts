import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiNoContentResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { accepted, type Accepted } from '../../../platform/http/accepted.js';
import { ApiProblems } from '../../../platform/http/api-problems.js';
import { Public, RequirePermission } from '../../../platform/security/access.js';
import { Caller } from '../../../platform/security/caller.js';
import type { Principal } from '../../../platform/security/principal.js';
import { Limit } from '../../../platform/throttling/limit.js';
import { email, enteredPassword } from '../accounts/account.schemas.js';
import { oneTimeToken } from '../one-time-tokens/one-time-token.js';
import { RequestEmailChange } from './request-email-change.js';
import { RequestVerification } from './request-verification.js';
import { VerifyEmail } from './verify-email.js';

const verification = z.strictObject({ token: oneTimeToken }).meta({ id: 'EmailVerification' });

const emailChange = z
  .strictObject({ newEmail: email, currentPassword: enteredPassword })
  .meta({ id: 'EmailChange' });

@ApiTags('auth')
@Controller('api/v1/auth/email')
export class EmailsController {
  constructor(
    private readonly requestVerification: RequestVerification,
    private readonly requestChange: RequestEmailChange,
    private readonly verifyEmail: VerifyEmail,
  ) {}

  /** Mails the caller a link that proves their address, at most one a minute; none when it is proved. */
  @Post('verification')
  @HttpCode(202)
  @RequirePermission('account:write')
  @Limit('auth')
  @ApiAcceptedResponse({
    standardSchema: accepted,
    description: 'A mail is on its way, if one is needed.',
  })
  @ApiProblems(400, 409, 422, 429)
  async request(@Caller() caller: Principal): Promise<Accepted> {
    await this.requestVerification.execute(caller);
    return { status: 'accepted' };
  }

  /**
   * Mails a link to another address, at most one a minute to the same one; the account has that address once
   * the link was used. Only links to the address that was asked for last are good.
   */
  @Post('change')
  @HttpCode(202)
  @RequirePermission('account:security')
  @Limit('auth')
  @ApiAcceptedResponse({
    standardSchema: accepted,
    description: 'A mail is on its way, unless another account has the address.',
  })
  @ApiProblems(400, 403, 409, 422, 429)
  async change(
    @Caller() caller: Principal,
    @Body({ schema: emailChange }) body: z.output<typeof emailChange>,
  ): Promise<Accepted> {
    await this.requestChange.execute(caller, body.currentPassword, body.newEmail);
    return { status: 'accepted' };
  }

  /**
   * Proves an address with the token of a mail. One that the account asked for takes effect by it, and all its
   * sessions end: but that of an access token of its own in `Authorization`. A cookie keeps none.
   */
  @Post('verify')
  @HttpCode(204)
  @Public()
  @Limit('auth')
  @ApiNoContentResponse({ description: 'The address is the account’s, and proved.' })
  @ApiProblems(400, 409, 422, 429)
  async verify(@Body({ schema: verification }) body: z.output<typeof verification>): Promise<void> {
    await this.verifyEmail.execute(body.token);
  }
}
