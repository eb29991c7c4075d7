import { Injectable } from '@nestjs/common';
import { Cursors } from '../../../platform/http/cursors.js';
import { toPage, type Page } from '../../../platform/http/page.js';
import type { Principal } from '../../../platform/security/principal.js';
import type { SessionView } from './session.schemas.js';
import { SessionsRepository } from './sessions.repository.js';

/** The caller's open sessions, the newest first. */
@Injectable()
export class ListSessions {
  constructor(
    private readonly sessions: SessionsRepository,
    private readonly cursors: Cursors,
  ) {}

  async execute(
    { userId, sessionId }: Principal,
    { limit, cursor }: { limit: number; cursor?: string | undefined },
  ): Promise<Page<SessionView>> {
    const list = `sessions:${userId}`;
    const before = cursor === undefined ? undefined : this.cursors.decode(list, cursor);
    const open = await this.sessions.listOpen(userId, before, limit + 1);
    const { rows, nextCursor } = toPage(open, limit, ({ id }) => this.cursors.encode(list, id));
    const items = rows.map(({ id, device, ip, createdAt, lastUsedAt }) => ({
      ...{ id, device, ip },
      createdAt: createdAt.toISOString(),
      lastUsedAt: lastUsedAt.toISOString(),
      current: id === sessionId,
    }));
    return { items, nextCursor };
  }
}
