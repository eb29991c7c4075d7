import { Injectable } from '@nestjs/common';
import { statement } from '../../../platform/database/statement.js';
import { Database } from '../../../platform/database/database.js';
import type { Tx } from '../../../platform/database/transaction.js';

const open = statement(
  'sessions.open',
  `WITH session AS (
     INSERT INTO auth.sessions (id, tenant_id, user_id, ip, device, expires_at)
     VALUES ($1, $2, $3, $4, $5, now() + make_interval(days => $6)) RETURNING id
   )
   INSERT INTO auth.refresh_tokens (hash, session_id) SELECT $7, id FROM session`,
);
const lockToken = statement(
  'sessions.lockToken',
  `SELECT t.session_id AS "sessionId", t.sealed_successor AS "sealedSuccessor",
     extract(epoch FROM clock_timestamp() - t.replaced_at)::float8 AS "replacedSecondsAgo",
     EXISTS (
       SELECT FROM auth.refresh_tokens next WHERE next.hash = t.successor_hash AND next.replaced_at IS NOT NULL
     ) AS "successorReplaced",
     s.tenant_id AS "tenantId", s.user_id AS "userId", u.roles,
     s.ended_at IS NOT NULL OR s.expires_at <= now() AS ended
   FROM auth.refresh_tokens t JOIN auth.sessions s ON s.id = t.session_id JOIN auth.users u ON u.id = s.user_id
   WHERE t.hash = $1 FOR UPDATE OF t`,
);
const replace = statement(
  'sessions.replaceToken',
  `WITH used AS (
     UPDATE auth.refresh_tokens SET replaced_at = clock_timestamp(), sealed_successor = $3, successor_hash = $2 WHERE hash = $1
     RETURNING session_id
   ), session AS (
     UPDATE auth.sessions SET last_used_at = now(), expires_at = now() + make_interval(days => $4)
     WHERE id = (SELECT session_id FROM used)
   )
   INSERT INTO auth.refresh_tokens (hash, session_id) SELECT $2, session_id FROM used`,
);
const end = statement(
  'sessions.end',
  'UPDATE auth.sessions SET ended_at = now(), end_reason = $2 WHERE id = $1 AND ended_at IS NULL',
);
const prune = statement(
  'sessions.prune',
  `DELETE FROM auth.sessions WHERE expires_at < now() - interval '1 day'`,
);

const noteActivity = statement(
  'sessions.noteActivity',
  `UPDATE auth.sessions SET last_used_at = now()
   WHERE id = ANY ($1::uuid[]) AND last_used_at < now() - interval '50 seconds'`,
);
const countActive = statement(
  'sessions.countActive',
  `SELECT count(DISTINCT user_id) FILTER (WHERE last_used_at > now() - interval '5 minutes')::int AS last5m,
     count(DISTINCT user_id)::int AS last24h
   FROM auth.sessions WHERE last_used_at > now() - interval '24 hours'`,
);

export interface NewSession {
  id: string;
  tenantId: string;
  userId: string;
  ip: string;
  device: string;
  days: number;
  tokenHash: Buffer;
}

/** A refresh token that was found, with its session; its row is locked. */
export interface LockedToken {
  sessionId: string;
  sealedSuccessor: Buffer | null;
  /** null while the token is the current one. */
  replacedSecondsAgo: number | null;
  /** Whether the token that replaced it was used as well: then it is no direct predecessor any more. */
  successorReplaced: boolean;
  tenantId: string;
  userId: string;
  roles: string[];
  /** Whether the session has ended or expired. */
  ended: boolean;
}

/** Sessions and their refresh tokens. */
export abstract class SessionsRepository {
  abstract open(tx: Tx, session: NewSession): Promise<void>;
  abstract lockToken(tx: Tx, hash: Buffer): Promise<LockedToken | undefined>;
  abstract replaceToken(
    tx: Tx,
    hash: Buffer,
    next: Buffer,
    sealedSuccessor: Buffer,
    days: number,
  ): Promise<void>;
  abstract end(tx: Tx, sessionId: string, reason: string): Promise<void>;
  /** Notes that sessions are in use now, where that was not noted in the last 50 s. */
  abstract noteActivity(sessionIds: readonly string[]): Promise<void>;
  /** Users whose sessions were used in the last five minutes, and in the last day. */
  abstract countActive(): Promise<ActiveUsers>;
  /** Forgets sessions that expired a day ago. */
  abstract prune(): Promise<void>;
}

/** Distinct users by how long ago they were last seen. */
export interface ActiveUsers {
  last5m: number;
  last24h: number;
}

@Injectable()
export class PgSessionsRepository extends SessionsRepository {
  constructor(private readonly database: Database) {
    super();
  }

  async open(
    tx: Tx,
    { id, tenantId, userId, ip, device, days, tokenHash }: NewSession,
  ): Promise<void> {
    await tx.execute(open, [id, tenantId, userId, ip, device, days, tokenHash]);
  }

  async lockToken(tx: Tx, hash: Buffer): Promise<LockedToken | undefined> {
    return (await tx.query<LockedToken & Record<string, unknown>>(lockToken, [hash]))[0];
  }

  async replaceToken(
    tx: Tx,
    hash: Buffer,
    next: Buffer,
    sealedSuccessor: Buffer,
    days: number,
  ): Promise<void> {
    await tx.execute(replace, [hash, next, sealedSuccessor, days]);
  }

  async end(tx: Tx, sessionId: string, reason: string): Promise<void> {
    await tx.execute(end, [sessionId, reason]);
  }

  async noteActivity(sessionIds: readonly string[]): Promise<void> {
    if (sessionIds.length > 0) await this.database.execute(noteActivity, [sessionIds]);
  }

  async countActive(): Promise<ActiveUsers> {
    const [counts] = await this.database.read<ActiveUsers>(countActive);
    return counts ?? { last5m: 0, last24h: 0 };
  }

  async prune(): Promise<void> {
    await this.database.execute(prune);
  }
}
