import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../platform/database/transaction.js';
import { RecordAudit } from '../audit/record-audit.js';
import { AnnounceRevocations } from '../revocations/announce-revocations.js';
import { SessionsRepository } from './sessions.repository.js';

/** Why a session ended, as its user reads it in their history. */
export type EndReason =
  | 'logout'
  | 'ended_by_user'
  | 'refresh_token_replayed'
  | 'password_changed'
  | 'password_reset'
  | 'email_changed'
  | 'account_banned'
  | 'account_deleted'
  | 'too_many_sessions'
  | 'key_revoked';

/** Whose sessions end, and which of them: all without `only` and `except`. */
export interface Ending {
  tenantId: string;
  userId: string;
  reason: EndReason;
  /** These sessions and no others. */
  only?: readonly string[];
  /** All but this one, e.g. the caller's own. */
  except?: string;
}

/**
 * Ends sessions of an account: their refresh tokens are worth nothing from the commit on, their access
 * tokens and sockets within seconds everywhere.
 */
@Injectable()
export class EndSessions {
  constructor(
    private readonly sessions: SessionsRepository,
    private readonly announce: AnnounceRevocations,
    private readonly audit: RecordAudit,
  ) {}

  /** @returns how many were open and are not any more */
  async execute(tx: Tx, { tenantId, userId, reason, only, except }: Ending): Promise<number> {
    const ended = await this.sessions.end(tx, userId, reason, { only, except });
    if (ended.length === 0) return 0;
    const event = { event: 'session.ended', tenantId, subjectId: userId } as const;
    this.audit.execute(
      tx,
      ...ended.map((sessionId) => ({ ...event, sessionId, detail: { reason } })),
    );
    this.announce.execute(tx);
    return ended.length;
  }
}
