import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { platformErrors } from '../../../platform/errors/platform.errors.js';
import type { Principal } from '../../../platform/security/principal.js';
import { EndSessions } from './end-sessions.js';

/** Ends sessions of the caller's own: the one at hand, another one, or all. */
@Injectable()
export class EndOwnSessions {
  constructor(
    private readonly database: Database,
    private readonly ending: EndSessions,
  ) {}

  /** The session that asks. */
  logout({ tenantId, userId, sessionId }: Principal): Promise<void> {
    return this.database.transaction(async (tx) => {
      await this.ending.execute(tx, { tenantId, userId, reason: 'logout', only: [sessionId] });
    });
  }

  /** @throws AppError `not_found` when the caller has no such open session */
  one({ tenantId, userId }: Principal, only: string): Promise<void> {
    return this.database.transaction(async (tx) => {
      const ending = { tenantId, userId, reason: 'ended_by_user', only: [only] } as const;
      if ((await this.ending.execute(tx, ending)) === 0) throw platformErrors.not_found();
    });
  }

  /** @param except a session that stays, the caller's own for instance */
  all({ tenantId, userId }: Principal, except?: string): Promise<void> {
    return this.database.transaction(async (tx) => {
      const ending = { tenantId, userId, reason: 'ended_by_user' } as const;
      await this.ending.execute(tx, except === undefined ? ending : { ...ending, except });
    });
  }
}
