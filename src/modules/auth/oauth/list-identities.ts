import { Injectable } from '@nestjs/common';
import { Cursors } from '../../../platform/http/cursors.js';
import { toPage, type Page } from '../../../platform/http/page.js';
import type { Principal } from '../../../platform/security/principal.js';
import { IdentitiesRepository } from './identities.repository.js';
import { presentIdentity, type IdentityView } from './identity.schemas.js';

/** The accounts elsewhere by which the caller signs in, newest first. */
@Injectable()
export class ListIdentities {
  constructor(
    private readonly identities: IdentitiesRepository,
    private readonly cursors: Cursors,
  ) {}

  /** @throws AppError `invalid_cursor` */
  async execute(
    { userId }: Principal,
    { limit, cursor }: { limit: number; cursor?: string | undefined },
  ): Promise<Page<IdentityView>> {
    const list = `identities:${userId}`;
    const before = cursor === undefined ? undefined : this.cursors.decode(list, cursor);
    const found = await this.identities.list(userId, before, limit + 1);
    const page = toPage(found, limit, ({ id }) => this.cursors.encode(list, id));
    return { items: page.rows.map(presentIdentity), nextCursor: page.nextCursor };
  }
}
