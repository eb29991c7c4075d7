import { Injectable } from '@nestjs/common';
import { Cursors } from '../../../platform/http/cursors.js';
import { toPage, type Page } from '../../../platform/http/page.js';
import type { Principal } from '../../../platform/security/principal.js';
import { AuditRepository, type AuditRow } from './audit.repository.js';
import type { AuditLine } from './audit.schemas.js';
import { presentLine } from './present-line.js';

/** What happened to the caller's own account, newest first. */
@Injectable()
export class ListOwnHistory {
  constructor(
    private readonly entries: AuditRepository,
    private readonly cursors: Cursors,
  ) {}

  async execute(
    { tenantId, userId }: Principal,
    { limit, cursor }: { limit: number; cursor?: string | undefined },
  ): Promise<Page<AuditLine>> {
    const list = `security:${userId}`;
    const before = cursor === undefined ? undefined : this.cursors.decode(list, cursor);
    const lines = await this.entries.ofSubject(tenantId, userId, before, limit + 1);
    const { rows, nextCursor } = toPage(lines, limit, ({ id }) => this.cursors.encode(list, id));
    return { items: rows.map((line) => presentLine(withoutOthers(line, userId))), nextCursor };
  }
}

/** Which administrator it was, and from where, is not for the account to know. */
function withoutOthers(line: AuditRow, userId: string): AuditRow {
  if (line.actorId === null || line.actorId === userId) return line;
  return { ...line, actorId: null, ip: null, device: null, requestId: null };
}
