import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { BATCHES_PATIENCE, inBatches } from '../../../platform/jobs/in-batches.js';
import { Jobs } from '../../../platform/jobs/jobs.js';
import { RecordAudit } from '../audit/record-audit.js';
import { AnnounceRevocations } from '../revocations/announce-revocations.js';
import { SessionsRepository } from '../sessions/sessions.repository.js';

/** The queue of revoked keys whose sessions are to end. */
export const KEY_SESSIONS_QUEUE = 'auth.end-key-sessions';

const SESSIONS_A_COMMIT = 1000;

/**
 * Ends the sessions of a revoked key, thousands in turn. Their access tokens are refused by the key
 * already, and a refresh looks at it too: this is what their users read in their history.
 */
@Injectable()
export class EndKeySessions implements OnApplicationBootstrap {
  constructor(
    private readonly jobs: Jobs,
    private readonly database: Database,
    private readonly sessions: SessionsRepository,
    private readonly announce: AnnounceRevocations,
    private readonly audit: RecordAudit,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const end = ({ kid }: { kid: string }, signal: AbortSignal) =>
      inBatches(signal, () => this.endSome(kid));
    await this.jobs.work(KEY_SESSIONS_QUEUE, end, BATCHES_PATIENCE);
  }

  private endSome(kid: string): Promise<number> {
    return this.database.transaction(async (tx) => {
      const ended = await this.sessions.endSignedBy(tx, kid, 'key_revoked', SESSIONS_A_COMMIT);
      const events = ended.map(({ id, tenantId, userId }) => ({
        event: 'session.ended' as const,
        tenantId,
        subjectId: userId,
        sessionId: id,
        detail: { reason: 'key_revoked' },
      }));
      this.audit.execute(tx, ...events);
      if (ended.length > 0) this.announce.execute(tx); // cookies are not of a key
      return ended.length;
    });
  }
}
