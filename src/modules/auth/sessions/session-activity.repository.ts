import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { statement } from '../../../platform/database/statement.js';
import type { Tx } from '../../../platform/database/transaction.js';

const isOpen = statement(
  'sessions.isOpen',
  `SELECT 1 FROM auth.sessions WHERE id = $1 AND user_id = $2 AND ended_at IS NULL AND expires_at > now()`,
);
/** Those of the last month: older sessions are forgotten. */
const addressesOf = statement(
  'sessions.addressesOf',
  `SELECT ip FROM auth.sessions WHERE user_id = $1 GROUP BY ip ORDER BY max(created_at) DESC LIMIT 100`,
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

/** Distinct users by how long ago they were last seen. */
export interface ActiveUsers {
  last5m: number;
  last24h: number;
}

const NOBODY = '00000000-0000-0000-0000-000000000000';

/** Whether sessions are open, when they were last used, and from where. */
export abstract class SessionActivityRepository {
  /** @param tx what asks for it, if it goes on to write */
  abstract isOpen(sessionId: string, userId: string, tx?: Tx): Promise<boolean>;
  /** Where the newest sessions of a user were opened from; as much work for nobody, and no answer. */
  abstract addressesOf(userId: string | undefined): Promise<string[]>;
  /** Notes that sessions are in use now, where that was not noted in the last 50 s. */
  abstract noteActivity(sessionIds: readonly string[]): Promise<void>;
  /** Users whose sessions were used in the last five minutes, and in the last day. */
  abstract countActive(): Promise<ActiveUsers>;
}

@Injectable()
export class PgSessionActivityRepository extends SessionActivityRepository {
  constructor(private readonly database: Database) {
    super();
  }

  async isOpen(sessionId: string, userId: string, tx?: Tx): Promise<boolean> {
    const values = [sessionId, userId];
    const rows = await (tx?.query(isOpen, values) ?? this.database.readFresh(isOpen, values));
    return rows.length > 0;
  }

  async addressesOf(userId: string | undefined): Promise<string[]> {
    const rows = await this.database.readFresh<{ ip: string }>(addressesOf, [userId ?? NOBODY]);
    return rows.map(({ ip }) => ip);
  }

  async noteActivity(sessionIds: readonly string[]): Promise<void> {
    if (sessionIds.length > 0) await this.database.execute(noteActivity, [sessionIds]);
  }

  async countActive(): Promise<ActiveUsers> {
    const [counts] = await this.database.read<ActiveUsers>(countActive);
    return counts ?? { last5m: 0, last24h: 0 };
  }
}
