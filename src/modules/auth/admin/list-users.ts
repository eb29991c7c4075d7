import { Injectable } from '@nestjs/common';
import { Cursors } from '../../../platform/http/cursors.js';
import { toPage, type Page } from '../../../platform/http/page.js';
import type { Principal } from '../../../platform/security/principal.js';
import type { AdminUser, AdminUserQuery } from './admin-user.schemas.js';
import { AdminUsersRepository } from './admin-users.repository.js';
import { presentUser } from './present-user.js';

/** Accounts of the caller's tenant, newest first; also those that are banned or deleted. */
@Injectable()
export class ListUsers {
  constructor(
    private readonly users: AdminUsersRepository,
    private readonly cursors: Cursors,
  ) {}

  async execute(
    { tenantId }: Principal,
    { limit, cursor, q, role, banned }: AdminUserQuery,
  ): Promise<Page<AdminUser>> {
    const list = `admin-users:${JSON.stringify([tenantId, q, role, banned])}`;
    const before = cursor === undefined ? undefined : this.cursors.decode(list, cursor);
    const filter = { q, role, banned: banned === undefined ? undefined : banned === 'true' };
    const users = await this.users.list(tenantId, filter, before, limit + 1);
    const { rows, nextCursor } = toPage(users, limit, ({ id }) => this.cursors.encode(list, id));
    return { items: rows.map(presentUser), nextCursor };
  }
}
