import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { ApiProblems } from '../../../platform/http/api-problems.js';
import { pageQuery, type Page } from '../../../platform/http/page.js';
import { RequirePermission } from '../../../platform/security/access.js';
import { Caller } from '../../../platform/security/caller.js';
import type { Principal } from '../../../platform/security/principal.js';
import { auditPage, auditQuery, type AuditLine, type AuditQuery } from './audit.schemas.js';
import { ListAudit } from './list-audit.js';
import { ListOwnHistory } from './list-own-history.js';

@Controller('api/v1')
export class AuditController {
  constructor(
    private readonly listAudit: ListAudit,
    private readonly listOwnHistory: ListOwnHistory,
  ) {}

  /** The audit log of the caller's tenant, newest first. */
  @Get('admin/audit')
  @RequirePermission('audit:read')
  @ApiTags('admin')
  @ApiOkResponse({ standardSchema: auditPage })
  @ApiProblems(400, 404)
  audit(
    @Caller() caller: Principal,
    @Query({ schema: auditQuery }) query: AuditQuery,
  ): Promise<Page<AuditLine>> {
    return this.listAudit.execute(caller, query);
  }

  /** What happened to the caller's own account, newest first; of a session that ended, `detail.reason` says why. */
  @Get('users/me/security')
  @RequirePermission('account:security')
  @ApiTags('users')
  @ApiOkResponse({ standardSchema: auditPage })
  @ApiProblems(400)
  history(
    @Caller() caller: Principal,
    @Query({ schema: pageQuery }) query: z.output<typeof pageQuery>,
  ): Promise<Page<AuditLine>> {
    return this.listOwnHistory.execute(caller, query);
  }
}
