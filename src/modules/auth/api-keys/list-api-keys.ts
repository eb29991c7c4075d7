import { Injectable } from '@nestjs/common';
import { Cursors } from '../../../platform/http/cursors.js';
import { toPage, type Page } from '../../../platform/http/page.js';
import type { Principal } from '../../../platform/security/principal.js';
import type { ApiKey } from './api-key.schemas.js';
import { ApiKeysRepository } from './api-keys.repository.js';
import { presentApiKey } from './present-api-key.js';

/** The caller's living API keys, newest first. */
@Injectable()
export class ListApiKeys {
  constructor(
    private readonly keys: ApiKeysRepository,
    private readonly cursors: Cursors,
  ) {}

  async execute(
    { tenantId, userId }: Principal,
    { limit, cursor }: { limit: number; cursor?: string | undefined },
  ): Promise<Page<ApiKey>> {
    const list = `api-keys:${userId}`;
    const before = cursor === undefined ? undefined : this.cursors.decode(list, cursor);
    const keys = await this.keys.list(tenantId, userId, before, limit + 1);
    const { rows, nextCursor } = toPage(keys, limit, ({ id }) => this.cursors.encode(list, id));
    return { items: rows.map(presentApiKey), nextCursor };
  }
}
