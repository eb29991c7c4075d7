import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { statement } from '../database/statement.js';
import type { Tx } from '../database/transaction.js';
import type { LoggedEvent } from './domain-event.js';

const readHead = statement(
  'eventLog.head',
  `SELECT head.epoch, head.position::float8 AS position, head.pruned_to::float8 AS "prunedTo"
   FROM platform.event_log_head AS head`,
);
const readAfter = statement(
  'eventLog.after',
  `SELECT position::float8 AS position, tenant_id AS "tenantId", type, channels, data::text AS data, trace,
     to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS at
   FROM platform.event_log WHERE position > $1 ORDER BY position LIMIT $2`,
);
const readChannels = statement(
  'eventLog.channels',
  `SELECT position::float8 AS position, tenant_id AS "tenantId", type, channels, data::text AS data, trace,
     to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS at
   FROM platform.event_log WHERE position > $1 AND position <= $2 AND tenant_id = $3 AND channels && $4
   ORDER BY position LIMIT $5`,
);
const prune = statement(
  'eventLog.prune',
  `WITH gone AS (
     DELETE FROM platform.event_log
     WHERE position = ANY (ARRAY(SELECT position FROM platform.event_log ORDER BY position LIMIT $2))
       AND at < now() - make_interval(hours => $1)
       -- A consumer that fell behind must not miss anything: the log waits for it.
       AND position <= coalesce((SELECT min(position) FROM platform.consumers), position)
     RETURNING position
   ), moved AS (
     UPDATE platform.event_log_head
     SET pruned_to = greatest(pruned_to, (SELECT max(position) FROM gone)) WHERE EXISTS (SELECT FROM gone)
   )
   SELECT position FROM gone`,
);

/** Where the log stands. */
export interface Head {
  /** Changes when the log starts anew; offsets of another epoch mean nothing. */
  epoch: string;
  position: number;
  /** The last position that was pruned; reading from before it would miss events. */
  prunedTo: number;
}

/** The event log: what happened in this deployment, in one order for everybody. */
@Injectable()
export class EventLog {
  constructor(private readonly database: Database) {}

  async head(): Promise<Head> {
    const [head] = await this.database.readFresh<Head>(readHead);
    if (!head) throw new Error('platform.event_log_head is empty');
    return head;
  }

  /** The next events after a position, at most `limit`. */
  after(
    position: number,
    limit: number,
    on: Pick<Tx, 'query'> = this.database,
  ): Promise<LoggedEvent[]> {
    return on.query<LoggedEvent>(readAfter, [position, limit]);
  }

  /** The next events of some channels in (`after`, `upTo`], at most `limit`. */
  ofChannels(
    after: number,
    upTo: number,
    tenantId: string,
    channels: string[],
    limit: number,
  ): Promise<LoggedEvent[]> {
    return this.database.readFresh<LoggedEvent>(readChannels, [
      after,
      upTo,
      tenantId,
      channels,
      limit,
    ]);
  }

  /** Forgets the oldest that is beyond the history window and was seen by every durable consumer. @returns how many */
  prune(hours: number, limit: number): Promise<number> {
    return this.database.execute(prune, [hours, limit]);
  }
}
