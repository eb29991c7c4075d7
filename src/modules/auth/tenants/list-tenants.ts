import { Injectable } from '@nestjs/common';
import { Cursors } from '../../../platform/http/cursors.js';
import { toPage, type Page } from '../../../platform/http/page.js';
import type { Tenant } from './tenant.schemas.js';
import { TenantsRepository } from './tenants.repository.js';

const LIST = 'tenants';

/** All tenants, in the order of their ids. */
@Injectable()
export class ListTenants {
  constructor(
    private readonly tenants: TenantsRepository,
    private readonly cursors: Cursors,
  ) {}

  async execute({
    limit,
    cursor,
  }: {
    limit: number;
    cursor?: string | undefined;
  }): Promise<Page<Tenant>> {
    const after = cursor === undefined ? undefined : this.cursors.decode(LIST, cursor);
    const tenants = await this.tenants.list(after, limit + 1);
    const { rows, nextCursor } = toPage(tenants, limit, ({ id }) => this.cursors.encode(LIST, id));
    const items = rows.map(({ id, name, createdAt }) => {
      return { id, name, createdAt: createdAt.toISOString() };
    });
    return { items, nextCursor };
  }
}
