import {
  Body,
  Controller,
  Delete,
  Get,
  Headers,
  HttpCode,
  Param,
  Patch,
  Req,
  Res,
} from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { platformErrors } from '../../../platform/errors/platform.errors.js';
import { ApiProblems } from '../../../platform/http/api-problems.js';
import { text } from '../../../platform/http/text.js';
import { Public, RequirePermission } from '../../../platform/security/access.js';
import { Caller, ViewedBy, type Viewer } from '../../../platform/security/caller.js';
import {
  callersLimits,
  LimitsOfCaller,
  type CallersLimits,
} from '../../../platform/throttling/limits-of-caller.js';
import type { Principal } from '../../../platform/security/principal.js';
import {
  ownProfile,
  profileChange,
  publicProfile,
  type OwnProfile,
  type ProfileChange,
  type PublicProfile,
} from './account.schemas.js';
import { AccountsRepository } from './accounts.repository.js';
import { ChangeProfile } from './change-profile.js';
import { DeleteAccount } from './delete-account.js';
import { GetProfile } from './get-profile.js';
import { presentOwn } from './present-account.js';
import { profileEtag } from './profile-etag.js';

@ApiTags('users')
@Controller('api/v1/users')
export class UsersController {
  constructor(
    private readonly accounts: AccountsRepository,
    private readonly getProfile: GetProfile,
    private readonly changeProfile: ChangeProfile,
    private readonly deleteAccount: DeleteAccount,
    private readonly limitsOfCaller: LimitsOfCaller,
  ) {}

  /** The caller's own profile, with the e-mail address. */
  @Get('me')
  @RequirePermission('account:read')
  @ApiOkResponse({ standardSchema: ownProfile })
  async me(
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OwnProfile> {
    const account = await this.accounts.findById(caller.tenantId, caller.userId);
    if (!account) throw platformErrors.invalid_token();
    return tagged(reply, presentOwn(account));
  }

  /** Changes the caller's own profile; what is left out stays. */
  @Patch('me')
  @RequirePermission('account:write')
  @ApiOkResponse({ standardSchema: ownProfile })
  @ApiProblems(400, 412, 429)
  async change(
    @Caller() caller: Principal,
    @Body({ schema: profileChange }) body: ProfileChange,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OwnProfile> {
    return tagged(reply, await this.changeProfile.execute(caller, body, ifMatch));
  }

  /** Deletes the caller's account: at once for everybody, for good after some weeks. */
  @Delete('me')
  @HttpCode(204)
  @RequirePermission('account:security')
  @ApiNoContentResponse()
  @ApiProblems(409, 412, 429)
  delete(
    @Caller() caller: Principal,
    @Headers('if-match') ifMatch: string | undefined,
  ): Promise<void> {
    return this.deleteAccount.execute(caller, ifMatch);
  }

  /** Every limit that applies to the caller, with what remains of it. */
  @Get('me/limits')
  @RequirePermission('account:read')
  @ApiOkResponse({ standardSchema: callersLimits })
  limits(@Caller() caller: Principal, @Req() request: FastifyRequest): Promise<CallersLimits> {
    return this.limitsOfCaller.execute(caller, request.ip);
  }

  /** A public profile; a name that nobody can have is one that nobody has. */
  @Get(':username')
  @Public()
  @ApiOkResponse({ standardSchema: publicProfile })
  @ApiProblems(400, 404)
  async profile(
    @Param('username', { schema: text(1, 255) }) name: string,
    @ViewedBy('account:read') viewer: Viewer,
  ): Promise<PublicProfile> {
    const profile = await this.getProfile.execute(viewer.tenantId, name);
    if (!profile) throw platformErrors.not_found();
    return profile;
  }
}

function tagged(reply: FastifyReply, profile: OwnProfile): OwnProfile {
  void reply.header('etag', profileEtag(profile));
  return profile;
}
