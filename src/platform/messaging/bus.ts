import { randomUUID } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import pg from 'pg';
import { Database } from '../database/database.js';
import { cut } from '../database/database-watch.js';
import { statement } from '../database/statement.js';
import type { Tx } from '../database/transaction.js';
import { Lifecycle } from '../lifecycle/lifecycle.js';
import { levelOf } from '../errors/outage.js';
import { loggerOf } from '../logging/logger.js';

const log = loggerOf('messaging');

/** What instances tell each other. Losing one costs time, never data: everyone also looks by itself. */
export type BusMessage = EventsMessage | CacheMessage | SecurityMessage;

/** The event log has grown. */
export interface EventsMessage {
  topic: 'events';
  /** The log reaches to here now; Infinity when that is not known. */
  position: number;
}

/** Values that have changed: whoever keeps them forgets them. */
export interface CacheMessage {
  topic: 'cache';
  cache: string;
  keys: string[];
}

/** Something was revoked, or there are other signing keys: read them. */
export interface SecurityMessage {
  topic: 'revocations' | 'keys';
}

const CHANNEL = 'mainstay';
/** PostgreSQL takes 8000 bytes a message; keys of a cache are ids and names. */
const KEYS_A_MESSAGE = 50;
const RECONNECT_MS = 500;
const BEAT_MS = 2500;
const notify = statement('bus.notify', `SELECT pg_notify('${CHANNEL}', $1)`);

type Listener = (message: BusMessage) => void;

/**
 * Tells all instances of the deployment that something is new: its own process at once, the others
 * over PostgreSQL's NOTIFY on one connection of its own. Of positions that pile up while one is under
 * way only the last is sent.
 */
@Injectable()
export class Bus implements OnModuleInit {
  private readonly self = randomUUID();
  private readonly listeners = new Set<Listener>();
  private outgoing: EventsMessage | undefined;
  private sending: Promise<void> | undefined;
  private client: pg.Client | undefined;
  private reconnect: NodeJS.Timeout | undefined;
  private joined = false;
  private stopped = false;

  constructor(
    private readonly database: Database,
    private readonly lifecycle: Lifecycle,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.listen();
    this.lifecycle.onStop('bus', () => this.stop());
  }

  private async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.reconnect);
    await this.sending;
    await this.client?.end();
  }

  /** For readiness. @throws while this process hears nothing of the others */
  check(): Promise<void> {
    if (this.joined) return Promise.resolve();
    return Promise.reject(
      Object.assign(new Error('the bus is not joined'), { code: 'BUS_NOT_JOINED' }),
    );
  }

  /** @returns how to stop listening */
  subscribe(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Tells everybody, this process first, that the log has grown. */
  publish(message: EventsMessage): void {
    this.tell(message);
    if (this.stopped) return;
    this.outgoing = message;
    this.sending ??= this.sendPositions().finally(() => (this.sending = undefined));
  }

  /** Tells the others what to forget; within a transaction the message is sent by its commit. */
  tellOthers({ topic, cache, keys }: CacheMessage, tx?: Tx): void {
    if (this.stopped) return;
    for (let from = 0; from < keys.length; from += KEYS_A_MESSAGE) {
      const message = { topic, cache, keys: keys.slice(from, from + KEYS_A_MESSAGE) };
      if (tx) tx.atCommit(() => tx.execute(notify, [this.envelope(message)]));
      else void this.send(message);
    }
  }

  /** Tells everybody with the commit; this process as soon as it is durable. */
  announce(message: SecurityMessage, tx: Tx): void {
    tx.atCommit(() => tx.execute(notify, [this.envelope(message)]));
    tx.onCommitted(() => this.tell(message));
  }

  private async sendPositions(): Promise<void> {
    while (this.outgoing) {
      const message = this.outgoing;
      this.outgoing = undefined;
      await this.send(message);
    }
  }

  private async send(message: BusMessage): Promise<void> {
    try {
      await this.database.query(notify, [this.envelope(message)]);
    } catch (error) {
      log.at(
        levelOf(error),
        { err: error, event: 'bus_publish_failed' },
        'other instances were not told; they look by themselves',
      );
    }
  }

  private envelope(message: BusMessage): string {
    return JSON.stringify({ from: this.self, message });
  }

  private async listen(): Promise<void> {
    const client = new pg.Client({
      ...this.database.pool.options,
      application_name: 'mainstay bus',
    });
    this.client = client;
    client.on('error', (error) => {
      log.warn({ err: error, event: 'bus_lost' }, 'the bus connection was lost');
    });
    try {
      await client.connect();
      await client.query(`LISTEN ${CHANNEL}`);
    } catch (error) {
      // A failed connect also emits «end»: nothing but the caller may decide what comes next.
      client.end().catch(() => undefined); // gone either way; a black hole must not hold us up here
      throw error;
    }
    this.joined = true;
    client.on('notification', ({ payload }) => this.receive(payload ?? ''));
    const heartbeat = setInterval(() => void this.beat(client), BEAT_MS);
    client.on('end', () => {
      clearInterval(heartbeat);
      this.joined = false;
      this.relisten();
    });
    if (this.stopped) await client.end();
  }

  /** Who only listens does not notice that nobody speaks any more: a connection that swallows all is cut. */
  private async beat(client: pg.Client): Promise<void> {
    const late = setTimeout(() => cut(client), BEAT_MS);
    try {
      await client.query('SELECT 1');
    } catch (error) {
      log.debug({ err: error, event: 'bus_silent' }, 'the bus connection does not answer');
    } finally {
      clearTimeout(late);
    }
  }

  /** One attempt at a time, with pauses between them, until it is joined again. */
  private relisten(): void {
    if (this.stopped || this.reconnect) return;
    this.reconnect = setTimeout(() => {
      this.listen().then(
        () => {
          this.reconnect = undefined;
          // What was missed meanwhile: look yourselves.
          this.tell({ topic: 'events', position: Infinity });
          this.tell({ topic: 'revocations' });
          this.tell({ topic: 'keys' });
        },
        (error: unknown) => {
          log.warn(
            { err: error, event: 'bus_reconnect_failed' },
            'the bus could not be joined; it is tried again',
          );
          this.reconnect = undefined;
          this.relisten();
        },
      );
    }, RECONNECT_MS);
  }

  private tell(message: BusMessage): void {
    for (const listener of this.listeners) listener(message);
  }

  private receive(payload: string): void {
    try {
      const { from, message } = JSON.parse(payload) as { from: string; message: BusMessage };
      if (from !== this.self) this.tell(message);
    } catch (error) {
      log.warn({ err: error, event: 'bus_message_refused' }, 'a message that nobody understands');
    }
  }
}
