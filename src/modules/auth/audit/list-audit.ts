import { Injectable } from '@nestjs/common';
import { platformErrors } from '../../../platform/errors/platform.errors.js';
import { Cursors } from '../../../platform/http/cursors.js';
import { toPage, type Page } from '../../../platform/http/page.js';
import { DEFAULT_TENANT, type Principal } from '../../../platform/security/principal.js';
import { AuditRepository } from './audit.repository.js';
import type { AuditLine, AuditQuery } from './audit.schemas.js';
import { presentLine } from './present-line.js';

/** The audit log of one tenant, newest first: the caller's own, or for administrators of `default` any. */
@Injectable()
export class ListAudit {
  constructor(
    private readonly entries: AuditRepository,
    private readonly cursors: Cursors,
  ) {}

  /** @throws AppError `not_found` for the log of another tenant that the caller may not see */
  async execute(caller: Principal, query: AuditQuery): Promise<Page<AuditLine>> {
    const { limit, cursor, tenant = caller.tenantId, ...filter } = query;
    if (tenant !== caller.tenantId && caller.tenantId !== DEFAULT_TENANT)
      throw platformErrors.not_found();
    const { event, user, result, since, until } = filter;
    const list = `audit:${JSON.stringify([tenant, event, user, result, since, until])}`;
    const before = cursor === undefined ? undefined : this.cursors.decode(list, cursor);
    const lines = await this.entries.list(tenant, filter, before, limit + 1);
    const { rows, nextCursor } = toPage(lines, limit, ({ id }) => this.cursors.encode(list, id));
    return { items: rows.map(presentLine), nextCursor };
  }
}
