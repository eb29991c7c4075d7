import { Body, Controller, Get, Headers, Param, Patch, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { platformErrors } from '../../../platform/errors/platform.errors.js';
import { ApiProblems } from '../../../platform/http/api-problems.js';
import { etagOf } from '../../../platform/http/etag.js';
import type { Page } from '../../../platform/http/page.js';
import { RequirePermission } from '../../../platform/security/access.js';
import { Caller } from '../../../platform/security/caller.js';
import type { Principal } from '../../../platform/security/principal.js';
import {
  adminUser,
  adminUserPage,
  adminUserQuery,
  userChange,
  type AdminUser,
  type AdminUserQuery,
  type UserChange,
} from './admin-user.schemas.js';
import { AdminUsersRepository } from './admin-users.repository.js';
import { ChangeUser } from './change-user.js';
import { ListUsers } from './list-users.js';
import { presentUser } from './present-user.js';

@ApiTags('admin')
@Controller('api/v1/admin/users')
export class AdminUsersController {
  constructor(
    private readonly users: AdminUsersRepository,
    private readonly listUsers: ListUsers,
    private readonly changeUser: ChangeUser,
  ) {}

  /** Accounts of the caller's tenant, newest first; also those that are banned or deleted. */
  @Get()
  @RequirePermission('users:manage')
  @ApiOkResponse({ standardSchema: adminUserPage })
  @ApiProblems(400)
  list(
    @Caller() caller: Principal,
    @Query({ schema: adminUserQuery }) query: AdminUserQuery,
  ): Promise<Page<AdminUser>> {
    return this.listUsers.execute(caller, query);
  }

  /** One account of the caller's tenant. */
  @Get(':id')
  @RequirePermission('users:manage')
  @ApiOkResponse({ standardSchema: adminUser })
  @ApiProblems(400, 404)
  async get(
    @Caller() { tenantId }: Principal,
    @Param('id', { schema: z.uuid() }) id: string,
  ): Promise<AdminUser> {
    const user = await this.users.find(tenantId, id.toLowerCase());
    if (!user) throw platformErrors.not_found();
    return presentUser(user);
  }

  /** Changes roles, bans or lifts a ban, restores. It holds everywhere within 5 s. */
  @Patch(':id')
  @RequirePermission('users:manage')
  @ApiOkResponse({ standardSchema: adminUser })
  @ApiProblems(400, 404, 409, 412, 429)
  async change(
    @Caller() caller: Principal,
    @Param('id', { schema: z.uuid() }) id: string,
    @Body({ schema: userChange }) body: UserChange,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AdminUser> {
    const user = await this.changeUser.execute(caller, id.toLowerCase(), body, ifMatch);
    void reply.header('etag', etagOf(JSON.stringify(user)));
    return user;
  }
}
