import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { Tx } from '../../../platform/database/transaction.js';
import { requestContext } from '../../../platform/observability/request-context.js';
import type { AuditEvent } from './audit-events.js';
import { AuditRepository, type AuditEntry } from './audit.repository.js';

/** Writes the audit log: in the transaction of what it tells of, so that neither is there without the other. */
@Injectable()
export class RecordAudit {
  constructor(private readonly entries: AuditRepository) {}

  /** Sent with the COMMIT: it costs no round trip of its own. */
  execute(tx: Tx, ...events: AuditEvent[]): void {
    const entries = events.map(entryOf);
    if (entries.length > 0) tx.atCommit(() => this.entries.insert(entries, tx));
  }

  /** What a job found out of the request that caused it, and from where that one came. */
  ofJob(
    event: AuditEvent,
    { ip, device }: { ip: string | null; device: string | null },
  ): Promise<void> {
    return this.entries.insert([{ ...entryOf(event), ip, device }]);
  }

  /** What has no transaction, because nothing was done: a refusal. */
  refusal(event: AuditEvent): Promise<void> {
    return this.entries.insert([{ ...entryOf(event), result: 'failure' }]);
  }
}

/** Who asked, from where and in which request is known to the context. */
function entryOf(event: AuditEvent): AuditEntry {
  const work = requestContext();
  const origin = work?.origin?.();
  return {
    id: uuidv7(),
    tenantId: event.tenantId,
    event: event.event,
    result: event.result ?? 'success',
    actorId: event.actorId ?? work?.principal?.userId ?? null,
    subjectId: event.subjectId ?? null,
    sessionId: event.sessionId ?? null,
    ip: origin?.ip ?? null,
    device: origin?.device ?? null,
    requestId: work?.requestId ?? null,
    detail: event.detail ?? {},
  };
}
