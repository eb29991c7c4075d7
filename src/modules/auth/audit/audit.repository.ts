import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { statement } from '../../../platform/database/statement.js';
import type { Tx } from '../../../platform/database/transaction.js';
import { uuidAt } from './uuid-at.js';

const insert = statement(
  'audit.insert',
  `INSERT INTO auth.audit_log (id, tenant_id, event, result, actor_id, subject_id, session_id, ip, device, request_id, detail)
   SELECT * FROM jsonb_to_recordset($1) AS entry (id uuid, "tenantId" text, event text, result text, "actorId" uuid,
     "subjectId" uuid, "sessionId" uuid, ip text, device text, "requestId" text, detail jsonb)`,
);

const LINE = `id, at, event, result, actor_id AS "actorId", subject_id AS "subjectId", session_id AS "sessionId",
  ip, device, request_id AS "requestId", detail`;

/** The bounds of the ids say within an hour what those of the times say exactly: by them the index is read. */
const list = statement(
  'audit.list',
  `SELECT ${LINE} FROM auth.audit_log
   WHERE tenant_id = $1 AND id < $2 AND id >= $3
     AND ($4::text IS NULL OR event = $4) AND ($5::uuid IS NULL OR subject_id = $5 OR actor_id = $5)
     AND ($6::text IS NULL OR result = $6)
     AND ($7::timestamptz IS NULL OR at >= $7) AND ($8::timestamptz IS NULL OR at < $8)
   ORDER BY id DESC LIMIT $9`,
);
const ofSubject = statement(
  'audit.ofSubject',
  `SELECT ${LINE} FROM auth.audit_log
   WHERE tenant_id = $1 AND subject_id = $2 AND ($3::uuid IS NULL OR id < $3) ORDER BY id DESC LIMIT $4`,
);
/** The bound of the ids, as above, leaves it the old lines to look at; a younger one among them is passed over. */
const prune = statement(
  'audit.prune',
  `DELETE FROM auth.audit_log WHERE id = ANY (ARRAY(
     SELECT id FROM auth.audit_log WHERE id < $3 AND at < now() - make_interval(days => $1) ORDER BY id LIMIT $2
   ))`,
);

/** Times of the database and of the ids, which processes make, differ by less. */
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

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

/** A line of the audit log as it is read. */
export interface AuditRow extends Omit<AuditEntry, 'tenantId' | 'detail'> {
  at: Date;
  detail: Record<string, unknown>;
}

export interface AuditFilter {
  event?: string | undefined;
  /** Who did it, or whom it happened to. */
  user?: string | undefined;
  result?: string | undefined;
  since?: string | undefined;
  until?: string | undefined;
}

/** The audit log: it only grows, until its retention. */
export abstract class AuditRepository {
  /** @param tx the transaction that it tells of; without one it is written by itself */
  abstract insert(entries: readonly AuditEntry[], tx?: Tx): Promise<void>;
  /** Lines of a tenant before an id, newest first. */
  abstract list(
    tenantId: string,
    filter: AuditFilter,
    before: string | undefined,
    limit: number,
  ): Promise<AuditRow[]>;
  /** Lines about one account before an id, newest first. */
  abstract ofSubject(
    tenantId: string,
    subjectId: string,
    before: string | undefined,
    limit: number,
  ): Promise<AuditRow[]>;
  /** Deletes lines that are older, `limit` at most. @returns how many */
  abstract prune(days: number, limit: number): Promise<number>;
}

type Row = AuditRow & Record<string, unknown>;

@Injectable()
export class PgAuditRepository extends AuditRepository {
  constructor(private readonly database: Database) {
    super();
  }

  async insert(entries: readonly AuditEntry[], tx?: Tx): Promise<void> {
    await (tx ?? this.database).execute(insert, [JSON.stringify(entries)]);
  }

  list(
    tenantId: string,
    { event, user, result, since, until }: AuditFilter,
    before: string | undefined,
    limit: number,
  ): Promise<AuditRow[]> {
    const first = since === undefined ? uuidAt(0) : uuidAt(Date.parse(since) - HOUR_MS);
    const last = until === undefined ? LAST_ID : uuidAt(Date.parse(until) + HOUR_MS);
    const end = before !== undefined && before < last ? before : last;
    const filters = [event, user, result, since, until].map((value) => value ?? null);
    return this.database.read<Row>(list, [tenantId, end, first, ...filters, limit]);
  }

  ofSubject(
    tenantId: string,
    subjectId: string,
    before: string | undefined,
    limit: number,
  ): Promise<AuditRow[]> {
    return this.database.read<Row>(ofSubject, [tenantId, subjectId, before ?? null, limit]);
  }

  prune(days: number, limit: number): Promise<number> {
    const youngest = uuidAt(Date.now() - days * DAY_MS + HOUR_MS);
    return this.database.execute(prune, [days, limit, youngest]);
  }
}
