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
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

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
    const end = ({ kid }: { kid: string }, signal: AbortSignal) => this.execute(kid, signal);
    await this.jobs.work(KEY_SESSIONS_QUEUE, end, BATCHES_PATIENCE);
  }

  async execute(kid: string, signal: AbortSignal): Promise<void> {
    // Those that somebody else is changing are waited for at the end, and hold nothing up until then.
    for (const locked of ['skip', 'wait'] as const) {
      let after = BEFORE_ALL;
      await inBatches(signal, async () => {
        const ended = await this.endSome(kid, after, locked);
        after = ended.at(-1) ?? after;
        return ended.length;
      });
    }
  }

  /** @returns the ids of those that it has ended, in their order */
  private endSome(kid: string, after: string, locked: 'skip' | 'wait'): Promise<string[]> {
    return this.database.transaction(async (tx) => {
      const page = { after, limit: SESSIONS_A_COMMIT, locked };
      const ended = await this.sessions.endSignedBy(tx, kid, 'key_revoked', page);
      const events = ended.map(({ id, tenantId, userId }) => ({
        event: 'session.ended' as const,
        tenantId,
        subjectId: userId,
        sessionId: id,
        detail: { reason: 'key_revoked' },
      }));
      this.audit.execute(tx, ...events);
      if (ended.length > 0) this.announce.execute(tx); // cookies are not of a key
      return ended.map(({ id }) => id);
    });
  }
}
