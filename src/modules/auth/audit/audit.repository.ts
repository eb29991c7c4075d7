import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { statement } from '../../../platform/database/statement.js';
import type { Tx } from '../../../platform/database/transaction.js';

const insert = statement(
  'audit.insert',
  `INSERT INTO auth.audit_log (id, tenant_id, event, result, actor_id, subject_id, session_id, ip, device, request_id, detail)
   SELECT * FROM jsonb_to_recordset($1) AS entry (id uuid, "tenantId" text, event text, result text, "actorId" uuid,
     "subjectId" uuid, "sessionId" uuid, ip text, device text, "requestId" text, detail jsonb)`,
);

/** A line of the audit log as it is written. */
export interface AuditEntry {
  id: string;
  tenantId: string;
  event: string;
  result: 'success' | 'failure';
  actorId: string | null;
  subjectId: string | null;
  sessionId: string | null;
  ip: string | null;
  device: string | null;
  requestId: string | null;
  detail: object;
}

/** The audit log: it only grows, until its retention. */
export abstract class AuditRepository {
  /** @param tx the transaction that it tells of; without one it is written by itself */
  abstract insert(entries: readonly AuditEntry[], tx?: Tx): Promise<void>;
}

@Injectable()
export class PgAuditRepository extends AuditRepository {
  constructor(private readonly database: Database) {
    super();
  }

  async insert(entries: readonly AuditEntry[], tx?: Tx): Promise<void> {
    await (tx ?? this.database).execute(insert, [JSON.stringify(entries)]);
  }
}
