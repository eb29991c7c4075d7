import { Controller, Delete, Get, HttpCode, Param, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { ApiProblems } from '../../../platform/http/api-problems.js';
import { pageOf, pageQuery, type Page } from '../../../platform/http/page.js';
import { RequirePermission } from '../../../platform/security/access.js';
import { Caller } from '../../../platform/security/caller.js';
import type { Principal } from '../../../platform/security/principal.js';
import { identityView, type IdentityView } from './identity.schemas.js';
import { ListIdentities } from './list-identities.js';
import { UnlinkIdentity } from './unlink-identity.js';

const identityPage = pageOf(identityView).meta({ id: 'IdentityPage' });

@ApiTags('auth')
@Controller('api/v1/auth/identities')
export class IdentitiesController {
  constructor(
    private readonly listIdentities: ListIdentities,
    private readonly unlinkIdentity: UnlinkIdentity,
  ) {}

  /** The accounts elsewhere by which the caller signs in, newest first. */
  @Get()
  @RequirePermission('account:security')
  @ApiOkResponse({ standardSchema: identityPage })
  @ApiProblems(400)
  list(
    @Caller() caller: Principal,
    @Query({ schema: pageQuery }) query: z.output<typeof pageQuery>,
  ): Promise<Page<IdentityView>> {
    return this.listIdentities.execute(caller, query);
  }

  /** Unlinks one; 409 when the caller could not log in any more. */
  @Delete(':id')
  @HttpCode(204)
  @RequirePermission('account:security')
  @ApiNoContentResponse()
  @ApiProblems(400, 404, 409)
  async unlink(
    @Caller() caller: Principal,
    @Param('id', { schema: z.uuid() }) id: string,
  ): Promise<void> {
    await this.unlinkIdentity.execute(caller, id.toLowerCase());
  }
}
