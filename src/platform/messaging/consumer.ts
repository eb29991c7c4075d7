import { Injectable } from '@nestjs/common';
import { SpanKind } from '@opentelemetry/api';
import { Database } from '../database/database.js';
import { statement } from '../database/statement.js';
import type { Tx } from '../database/transaction.js';
import { Lifecycle } from '../lifecycle/lifecycle.js';
import { levelOf } from '../errors/outage.js';
import { loggerOf } from '../logging/logger.js';
import { runEntry } from '../tracing/run-entry.js';
import { parseTraceParent, type TraceParent } from '../tracing/trace-context.js';
import { recordSpan } from '../tracing/tracing.js';
import { Bus } from './bus.js';
import type { LoggedEvent } from './domain-event.js';
import { EventLog } from './event-log.js';
import { WakeableLoop } from './wakeable-loop.js';

const log = loggerOf('messaging');

const PAGE = 200;
/** The rest keeps a busy log from costing one transaction an event: what arrives meanwhile is one page. */
const PACE = { everyMs: 1000, restMs: 100 };

const register = statement(
  'consumers.register',
  'INSERT INTO platform.consumers (name, position) VALUES ($1, 0) ON CONFLICT DO NOTHING',
);
const lock = statement(
  'consumers.lock',
  'SELECT position::float8 AS position FROM platform.consumers WHERE name = $1 FOR UPDATE SKIP LOCKED',
);
const advance = statement(
  'consumers.advance',
  'UPDATE platform.consumers SET position = $2 WHERE name = $1',
);

export interface ConsumerOptions {
  name: string;
  types: readonly string[];
  /** What it does with a page of events, in the transaction that also moves its position. */
  handle: (tx: Tx, events: LoggedEvent[]) => Promise<void>;
}

/**
 * A durable reader of the event log: each event takes effect exactly once, whatever crashes, because
 * its effect and the reader's position commit together. Of several instances one works at a time.
 */
class Consumer {
  private readonly loop = new WakeableLoop(() => this.work(), PACE);
  private stopping = false;

  /** @param options its name, which its position is kept under, the types it wants and what it does with them */
  constructor(
    private readonly options: ConsumerOptions,
    private readonly database: Database,
    private readonly events: EventLog,
    private readonly bus: Bus,
    private readonly lifecycle: Lifecycle,
  ) {}

  async start(): Promise<void> {
    await this.database.execute(register, [this.options.name]);
    const unsubscribe = this.bus.subscribe(({ topic }) => {
      if (topic === 'events') this.loop.wake();
    });
    this.loop.start();
    this.lifecycle.onStop('jobs', () => {
      this.stopping = true;
      unsubscribe();
      return this.loop.stop();
    });
  }

  private async work(): Promise<void> {
    try {
      while (!this.stopping && (await this.takePage()));
    } catch (error) {
      log.at(
        levelOf(error) === 'debug' ? 'debug' : 'error',
        { err: error, event: 'consumer_failed', consumer: this.options.name },
        `consumer ${this.options.name} failed; it is tried again`,
      );
    }
  }

  /** One piece of work for many events: in the trace of the first, and told of in those of the others. */
  private async handle(tx: Tx, events: LoggedEvent[]): Promise<void> {
    const entry = {
      name: `consume ${this.options.name}`,
      kind: SpanKind.CONSUMER,
      attributes: { 'messaging.batch.message_count': events.length },
    };
    const [cause, ...others] = causesOf(events);
    const startedAt = performance.now();
    const requestId = `${this.options.name}-${events[0]?.position}`;
    await runEntry({ ...entry, requestId, parent: cause }, () => this.options.handle(tx, events));
    for (const other of others) recordSpan(other, entry.name, { ...entry, startedAt });
  }

  /** @returns whether there may be more */
  private takePage(): Promise<boolean> {
    return this.database.transaction(async (tx) => {
      const [cursor] = await tx.query<{ position: number }>(lock, [this.options.name]);
      if (!cursor) return false; // another instance is at it
      const events = await this.events.after(cursor.position, PAGE, tx);
      const last = events.at(-1);
      if (!last) return false;
      const relevant = events.filter((event) => this.options.types.includes(event.type));
      if (relevant.length > 0) await this.handle(tx, relevant);
      await tx.execute(advance, [this.options.name, last.position]);
      return events.length === PAGE;
    });
  }
}

/** The recorded traces that the events come from, each once. */
function causesOf(events: LoggedEvent[]): TraceParent[] {
  const traces = new Set(events.flatMap(({ trace }) => trace ?? []));
  return [...traces].flatMap((trace) => parseTraceParent(trace) ?? []);
}

/** Makes consumers, so that a module names only what is its own. */
@Injectable()
export class Consumers {
  constructor(
    private readonly database: Database,
    private readonly events: EventLog,
    private readonly bus: Bus,
    private readonly lifecycle: Lifecycle,
  ) {}

  /** Starts a durable reader of the log; it runs until the process stops. */
  start(options: ConsumerOptions): Promise<void> {
    return new Consumer(options, this.database, this.events, this.bus, this.lifecycle).start();
  }
}
