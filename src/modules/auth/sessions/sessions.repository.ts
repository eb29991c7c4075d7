import { Injectable } from '@nestjs/common';
import { statement } from '../../../platform/database/statement.js';
import { Database } from '../../../platform/database/database.js';
import type { Tx } from '../../../platform/database/transaction.js';

/** The lock makes it wait for a ban that is under way; a ban waits for it, and ends the session then. */
const open = statement(
  'sessions.open',
  `WITH owner AS (
     SELECT id FROM auth.users WHERE id = $3 AND banned_at IS NULL FOR SHARE
   ), session AS (
     INSERT INTO auth.sessions (id, tenant_id, user_id, ip, device, expires_at, signed_by, token_expires_at)
     SELECT $1::uuid, $2::text, id, $4::text, $5::text, now() + make_interval(days => $6), $8::text,
       now() + make_interval(secs => $9)
     FROM owner
     RETURNING id
   )
   INSERT INTO auth.refresh_tokens (hash, session_id) SELECT $7, id FROM session`,
);
/** With its session: a refresh beside the end of it would give a token that outlives its revocation. */
const lockToken = statement(
  'sessions.lockToken',
  `SELECT t.session_id AS "sessionId", t.sealed_successor AS "sealedSuccessor",
     extract(epoch FROM clock_timestamp() - t.replaced_at)::float8 AS "replacedSecondsAgo",
     EXISTS (
       SELECT FROM auth.refresh_tokens next WHERE next.hash = t.successor_hash AND next.replaced_at IS NOT NULL
     ) AS "successorReplaced",
     s.tenant_id AS "tenantId", s.user_id AS "userId", u.roles,
     s.ended_at IS NOT NULL OR s.expires_at <= now() OR u.banned_at IS NOT NULL
       OR EXISTS (SELECT FROM auth.revocations r WHERE r.kind = 'key' AND r.subject = s.signed_by) AS ended
   FROM auth.refresh_tokens t JOIN auth.sessions s ON s.id = t.session_id JOIN auth.users u ON u.id = s.user_id
   WHERE t.hash = $1 FOR UPDATE OF t, s`,
);
const replace = statement(
  'sessions.replaceToken',
  `WITH used AS (
     UPDATE auth.refresh_tokens SET replaced_at = clock_timestamp(), sealed_successor = $3, successor_hash = $2 WHERE hash = $1
     RETURNING session_id
   ), session AS (
     UPDATE auth.sessions SET last_used_at = now(), expires_at = now() + make_interval(days => $4),
       signed_by = $5, token_expires_at = greatest(token_expires_at, now() + make_interval(secs => $6))
     WHERE id = (SELECT session_id FROM used)
   )
   INSERT INTO auth.refresh_tokens (hash, session_id) SELECT $2, session_id FROM used`,
);
/**
 * Until when a session that ends matters to running processes: its last access token has ended, and a cookie is
 * believed no longer without being looked up. A day is the longest life of a token there can be.
 */
const UNTIL = `greatest(coalesce(token_expires_at, now() + interval '1 day'), now()) + interval '2 minutes'`;
const end = statement(
  'sessions.end',
  `WITH ended AS (
     UPDATE auth.sessions SET ended_at = now(), end_reason = $2
     WHERE user_id = $1 AND ended_at IS NULL AND expires_at > now()
       AND ($3::uuid[] IS NULL OR id = ANY ($3)) AND ($4::uuid IS NULL OR id <> $4)
     RETURNING id, token_expires_at
   ), told AS (
     INSERT INTO auth.revocations (kind, subject, expires_at)
     SELECT 'session', id, ${UNTIL} FROM ended
     ON CONFLICT DO NOTHING
   )
   SELECT id FROM ended`,
);
/** Beyond the most that an account may have open: those that were not used for longest. */
const surplus = statement(
  'sessions.surplus',
  `SELECT id FROM auth.sessions WHERE user_id = $1 AND ended_at IS NULL AND expires_at > now()
   ORDER BY last_used_at DESC, id DESC OFFSET $2 LIMIT 100`,
);
const listOpen = statement(
  'sessions.listOpen',
  `SELECT id, device, ip, created_at AS "createdAt", last_used_at AS "lastUsedAt" FROM auth.sessions
   WHERE user_id = $1 AND ended_at IS NULL AND expires_at > now() AND ($2::uuid IS NULL OR id < $2)
   ORDER BY id DESC LIMIT $3`,
);
const findByToken = statement(
  'sessions.findByToken',
  `SELECT s.id, s.tenant_id AS "tenantId", s.user_id AS "userId", u.roles,
     extract(epoch FROM s.expires_at)::float8 AS "expiresAt"
   FROM auth.refresh_tokens t JOIN auth.sessions s ON s.id = t.session_id JOIN auth.users u ON u.id = s.user_id
   WHERE t.hash = $1 AND (t.replaced_at IS NULL OR t.replaced_at > now() - make_interval(secs => $2))
     AND s.ended_at IS NULL AND s.expires_at > now()
     AND NOT EXISTS (SELECT FROM auth.revocations r WHERE r.kind = 'key' AND r.subject = s.signed_by)`,
);
/** An older token may live longer: what was signed for a day before a setting was changed. */
const noteToken = statement(
  'sessions.noteToken',
  `UPDATE auth.sessions SET signed_by = $2,
     token_expires_at = greatest(token_expires_at, now() + make_interval(secs => $3))
   WHERE id = $1`,
);
/**
 * By their ids, each batch after the one before: all of them together read the table once, so that no index
 * on `signed_by` is needed, which every login and refresh would write.
 */
const endingSignedBy = (locking: string) =>
  `WITH ended AS (
     UPDATE auth.sessions SET ended_at = now(), end_reason = $2 WHERE id = ANY (ARRAY(
       SELECT id FROM auth.sessions WHERE signed_by = $1 AND ended_at IS NULL AND id > $3 ORDER BY id LIMIT $4 ${locking}
     )) RETURNING id, tenant_id, user_id, token_expires_at
   ), told AS (
     INSERT INTO auth.revocations (kind, subject, expires_at) SELECT 'session', id, ${UNTIL} FROM ended
     ON CONFLICT DO NOTHING
   )
   SELECT id, tenant_id AS "tenantId", user_id AS "userId" FROM ended ORDER BY id`;
const endSignedBy = {
  skip: statement('sessions.endSignedBy', endingSignedBy('FOR UPDATE SKIP LOCKED')),
  wait: statement('sessions.endLockedSignedBy', endingSignedBy('FOR UPDATE')),
};
/** Whole rows, found by their index, and no more than a statement's time is enough for; so is the next one. */
const prune = statement(
  'sessions.prune',
  `DELETE FROM auth.sessions WHERE id = ANY (ARRAY(
     SELECT id FROM auth.sessions WHERE expires_at < now() - interval '1 day' ORDER BY expires_at LIMIT $1
   ))`,
);
const forgetReplaced = statement(
  'sessions.forgetReplaced',
  `DELETE FROM auth.refresh_tokens WHERE hash = ANY (ARRAY(
     SELECT hash FROM auth.refresh_tokens WHERE replaced_at < now() - make_interval(days => $1)
     ORDER BY replaced_at LIMIT $2
   ))`,
);

export interface NewSession {
  id: string;
  tenantId: string;
  userId: string;
  ip: string;
  device: string;
  days: number;
  tokenHash: Buffer;
  token: SignedToken;
}

/** What is kept of an access token, so that it can be revoked. */
export interface SignedToken {
  /** The key that signed it. */
  kid: string;
  /** Its life, in seconds. */
  expiresIn: number;
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

/** `locked`: what becomes of those that somebody else is changing. */
interface Page {
  after: string;
  limit: number;
  locked: 'skip' | 'wait';
}

type EndedSession = Record<'id' | 'tenantId' | 'userId', string>;

/** Sessions and their refresh tokens. */
export abstract class SessionsRepository {
  /** @returns false where the account is banned */
  abstract open(tx: Tx, session: NewSession): Promise<boolean>;
  abstract lockToken(tx: Tx, hash: Buffer): Promise<LockedToken | undefined>;
  abstract replaceToken(
    tx: Tx,
    hash: Buffer,
    next: Buffer,
    sealedSuccessor: Buffer,
    days: number,
    token: SignedToken,
  ): Promise<void>;
  /** The open session of a refresh token that is current, or was replaced no longer ago than `graceSeconds`. */
  abstract findByToken(hash: Buffer, graceSeconds: number): Promise<SessionOfToken | undefined>;
  /** Open sessions beyond `most`, the least used. */
  abstract surplus(tx: Tx, userId: string, most: number): Promise<string[]>;
  /** Open sessions of a user, newest first, older than `before`. */
  abstract listOpen(
    userId: string,
    before: string | undefined,
    limit: number,
  ): Promise<OpenedSession[]>;
  /** Notes that a token was signed for the session. */
  abstract noteToken(tx: Tx, sessionId: string, token: SignedToken): Promise<void>;
  /** @returns the open sessions of the user that it has ended; their tokens are revoked with them */
  abstract end(
    tx: Tx,
    userId: string,
    reason: string,
    which: { only?: readonly string[] | undefined; except?: string | undefined },
  ): Promise<string[]>;
  /** Ends sessions whose newest token is of a key, the next ones after an id, in the order of ids. */
  abstract endSignedBy(tx: Tx, kid: string, reason: string, page: Page): Promise<EndedSession[]>;
  /** Forgets sessions that expired a day ago, at most `limit`. @returns how many */
  abstract prune(limit: number): Promise<number>;
  /** Forgets tokens that were replaced so many days ago, at most `limit`. @returns how many */
  abstract forgetReplaced(days: number, limit: number): Promise<number>;
}

/** An open session with its account. */
export interface SessionOfToken {
  id: string;
  tenantId: string;
  userId: string;
  roles: string[];
  /** Unix seconds. */
  expiresAt: number;
}

/** A session that is neither ended nor expired. */
export interface OpenedSession {
  id: string;
  device: string;
  ip: string;
  createdAt: Date;
  lastUsedAt: Date;
}

@Injectable()
export class PgSessionsRepository extends SessionsRepository {
  constructor(private readonly database: Database) {
    super();
  }

  async open(
    tx: Tx,
    { id, tenantId, userId, ip, device, days, tokenHash, token }: NewSession,
  ): Promise<boolean> {
    const { kid, expiresIn } = token;
    const values = [id, tenantId, userId, ip, device, days, tokenHash, kid, expiresIn];
    return (await tx.execute(open, values)) > 0;
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
    { kid, expiresIn }: SignedToken,
  ): Promise<void> {
    await tx.execute(replace, [hash, next, sealedSuccessor, days, kid, expiresIn]);
  }

  async findByToken(hash: Buffer, graceSeconds: number): Promise<SessionOfToken | undefined> {
    const values = [hash, graceSeconds];
    type Row = SessionOfToken & Record<string, unknown>;
    return (await this.database.readFresh<Row>(findByToken, values))[0];
  }

  async surplus(tx: Tx, userId: string, most: number): Promise<string[]> {
    return (await tx.query<{ id: string }>(surplus, [userId, most])).map(({ id }) => id);
  }

  listOpen(userId: string, before: string | undefined, limit: number): Promise<OpenedSession[]> {
    const values = [userId, before ?? null, limit];
    return this.database.readFresh<OpenedSession & Record<string, unknown>>(listOpen, values);
  }

  async noteToken(tx: Tx, sessionId: string, { kid, expiresIn }: SignedToken): Promise<void> {
    await tx.execute(noteToken, [sessionId, kid, expiresIn]);
  }

  async end(
    tx: Tx,
    userId: string,
    reason: string,
    { only, except }: { only?: readonly string[] | undefined; except?: string | undefined },
  ): Promise<string[]> {
    const values = [userId, reason, only ?? null, except ?? null];
    return (await tx.query<{ id: string }>(end, values)).map(({ id }) => id);
  }

  endSignedBy(tx: Tx, kid: string, reason: string, page: Page): Promise<EndedSession[]> {
    const values = [kid, reason, page.after, page.limit];
    return tx.query<EndedSession & Record<string, unknown>>(endSignedBy[page.locked], values);
  }

  prune(limit: number): Promise<number> {
    return this.database.execute(prune, [limit]);
  }

  forgetReplaced(days: number, limit: number): Promise<number> {
    return this.database.execute(forgetReplaced, [days, limit]);
  }
}
