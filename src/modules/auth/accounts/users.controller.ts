import { Controller, Get, Param, Req } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { platformErrors } from '../../../platform/errors/platform.errors.js';
import { ApiProblems } from '../../../platform/http/api-problems.js';
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
  publicProfile,
  username,
  type OwnProfile,
  type PublicProfile,
} from './account.schemas.js';
import { AccountsRepository } from './accounts.repository.js';
import { GetProfile } from './get-profile.js';
import { presentOwn } from './present-account.js';

@ApiTags('users')
@Controller('api/v1/users')
export class UsersController {
  constructor(
    private readonly accounts: AccountsRepository,
    private readonly getProfile: GetProfile,
    private readonly limitsOfCaller: LimitsOfCaller,
  ) {}

  /** The caller's own profile, with the e-mail address. */
  @Get('me')
  @RequirePermission('account:read')
  @ApiOkResponse({ standardSchema: ownProfile })
  async me(@Caller() caller: Principal): Promise<OwnProfile> {
    const account = await this.accounts.findById(caller.tenantId, caller.userId);
    if (!account) throw platformErrors.invalid_token();
    return presentOwn(account);
  }

  /** Every limit that applies to the caller, with what remains of it. */
  @Get('me/limits')
  @RequirePermission('account:read')
  @ApiOkResponse({ standardSchema: callersLimits })
  limits(@Caller() caller: Principal, @Req() request: FastifyRequest): Promise<CallersLimits> {
    return this.limitsOfCaller.execute(caller, request.ip);
  }

  /** A public profile. */
  @Get(':username')
  @Public()
  @ApiOkResponse({ standardSchema: publicProfile })
  @ApiProblems(400, 404)
  async profile(
    @Param('username', { schema: username }) name: string,
    @ViewedBy() viewer: Viewer,
  ): Promise<PublicProfile> {
    const profile = await this.getProfile.execute(viewer.tenantId, name);
    if (!profile) throw platformErrors.not_found();
    return profile;
  }
}
