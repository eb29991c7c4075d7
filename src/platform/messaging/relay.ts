import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Database } from '../database/database.js';
import { statement } from '../database/statement.js';
import { Lifecycle } from '../lifecycle/lifecycle.js';
import { levelOf } from '../errors/outage.js';
import { loggerOf } from '../logging/logger.js';
import { Bus } from './bus.js';
import { messagingConfig, type MessagingConfig } from './messaging.config.js';
import { watchLag } from './messaging.telemetry.js';
import { WakeableLoop } from './wakeable-loop.js';

const log = loggerOf('messaging');

const BATCH = 1000;

/**
 * Moves committed outbox rows into the event log and gives them their positions, in one statement.
 *
 * Positions are gap-free and in commit order because one relay works at a time (the advisory lock
 * of the statement's transaction) and all of them count on the one row of `event_log_head`. A relay
 * whose snapshot is older than its turn can still see rows that the one before has moved: the DELETE
 * passes over them, and the UPDATE reads the head as it is now. What it does see of later changes
 * comes after what was moved, so the order of changes that follow on each other is kept.
 */
const moveBatch = statement(
  'outbox.relay',
  `WITH turn AS MATERIALIZED (SELECT pg_try_advisory_xact_lock(7136403) AS mine),
   candidate AS MATERIALIZED (
     SELECT id FROM platform.outbox WHERE (SELECT mine FROM turn) ORDER BY id LIMIT ${BATCH}
   ),
   batch AS (
     DELETE FROM platform.outbox WHERE id IN (SELECT id FROM candidate) RETURNING id, tenant_id, type, channels, data, trace, at
   ),
   total AS (SELECT count(*) AS moved, extract(epoch FROM clock_timestamp() - min(at)) AS lag FROM batch),
   head AS (
     UPDATE platform.event_log_head SET position = position + total.moved FROM total
     WHERE total.moved > 0 RETURNING position, total.moved
   ),
   written AS (
     INSERT INTO platform.event_log (position, tenant_id, type, channels, data, trace, at)
     SELECT head.position - head.moved + row_number() OVER (ORDER BY batch.id),
       batch.tenant_id, batch.type, batch.channels, batch.data, batch.trace, batch.at
     FROM batch, head
   )
   SELECT turn.mine, (SELECT count(*) FROM candidate) = ${BATCH} AS more, coalesce(total.lag, 0)::float8 AS lag,
     (SELECT position::float8 FROM head) AS position
   FROM turn, total`,
);

/**
 * Runs in every process and is woken by each commit of its own that left an event. It also looks
 * once a second, so that the outbox of a process that was killed between commit and relay is
 * emptied by any other.
 */
@Injectable()
export class Relay implements OnApplicationBootstrap {
  private readonly loop: WakeableLoop;
  private lastLag = 0;
  /** `performance.now()` of the first of the failed rounds; undefined while they succeed. */
  private failingSince: number | undefined;

  constructor(
    private readonly database: Database,
    private readonly bus: Bus,
    private readonly lifecycle: Lifecycle,
    @Inject(messagingConfig.KEY) private readonly config: MessagingConfig,
  ) {
    this.loop = new WakeableLoop(() => this.relay(), {
      everyMs: config.relayIntervalMs,
      restMs: config.relayRestMs,
    });
  }

  /** How long events wait: at the last round, or since rounds fail. */
  get lagSeconds(): number {
    if (this.failingSince === undefined) return this.lastLag;
    return this.lastLag + (performance.now() - this.failingSince) / 1000;
  }

  onApplicationBootstrap(): void {
    watchLag(this);
    this.loop.start();
    this.lifecycle.onStop('outbox', async () => {
      await this.loop.stop();
      await this.relay(); // what was committed until now leaves with us
    });
  }

  /** Something was committed. */
  wake(): void {
    this.loop.wake();
  }

  private async relay(): Promise<void> {
    try {
      for (;;) {
        const [round] = await this.database.query<Round>(moveBatch);
        if (!round) return;
        if (!round.mine) return this.retrySoon();
        this.lastLag = round.lag;
        this.failingSince = undefined;
        if (round.position === null) return;
        this.bus.publish({ topic: 'events', position: round.position });
        if (!round.more) return;
      }
    } catch (error) {
      this.failingSince ??= performance.now();
      log.at(
        levelOf(error),
        { err: error, event: 'relay_failed' },
        'the outbox could not be relayed; it is tried again',
      );
    }
  }

  /** Another relay is at work and may have started before our commit: look again in a moment. */
  private retrySoon(): void {
    setTimeout(() => this.loop.wake(), this.config.relayRetryMs).unref();
  }
}

interface Round {
  mine: boolean;
  /** Whether the batch was full: there may be more. */
  more: boolean;
  lag: number;
  position: number | null;
}
