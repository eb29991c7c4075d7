import { Controller, Get, Param } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { platformErrors } from '../../../platform/errors/platform.errors.js';
import { ApiProblems } from '../../../platform/http/api-problems.js';
import { Public, RequirePermission } from '../../../platform/security/access.js';
import { Caller, ViewedBy, type Viewer } from '../../../platform/security/caller.js';
import type { Principal } from '../../../platform/security/principal.js';
import {
  ownProfile,
  publicProfile,
  username,
  type OwnProfile,
  type PublicProfile,
} from './account.schemas.js';
import { AccountsRepository } from './accounts.repository.js';
import { ProfileCache } from './profile.cache.js';
import { presentOwn } from './present-account.js';

@ApiTags('users')
@Controller('api/v1/users')
export class UsersController {
  constructor(
    private readonly accounts: AccountsRepository,
    private readonly profiles: ProfileCache,
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

  /** A public profile. */
  @Get(':username')
  @Public()
  @ApiOkResponse({ standardSchema: publicProfile })
  @ApiProblems(400, 404)
  async profile(
    @Param('username', { schema: username }) name: string,
    @ViewedBy() viewer: Viewer,
  ): Promise<PublicProfile> {
    const profile = await this.profiles.get(viewer.tenantId, name);
    if (!profile) throw platformErrors.not_found();
    return profile;
  }
}
