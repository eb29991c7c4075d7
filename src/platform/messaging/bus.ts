import { randomUUID } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import pg from 'pg';
import { Database } from '../database/database.js';
import { statement } from '../database/statement.js';
import { Lifecycle } from '../lifecycle/lifecycle.js';
import { log } from '../observability/logger.js';

/** What instances tell each other. Losing one costs time, never data: everyone also looks by itself. */
export interface BusMessage {
  topic: 'events';
  /** The log reaches to here now; Infinity when that is not known. */
  position: number;
}

const CHANNEL = 'mainstay';
const RECONNECT_MS = 500;
const notify = statement('bus.notify', `SELECT pg_notify('${CHANNEL}', $1)`);

type Listener = (message: BusMessage) => void;

/**
 * Tells all instances of the deployment that something is new: its own process at once, the others
 * over PostgreSQL's NOTIFY on one connection of its own. Messages of the same topic that pile up
 * while one is under way are sent as the last of them.
 */
@Injectable()
export class Bus implements OnModuleInit {
  private readonly self = randomUUID();
  private readonly listeners = new Set<Listener>();
  private readonly outgoing = new Map<string, BusMessage>();
  private sending: Promise<void> | undefined;
  private client: pg.Client | undefined;
  private reconnect: NodeJS.Timeout | undefined;
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

  /** @returns how to stop listening */
  subscribe(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  publish(message: BusMessage): void {
    this.tell(message);
    if (this.stopped) return;
    this.outgoing.set(message.topic, message);
    this.sending ??= this.send().finally(() => (this.sending = undefined));
  }

  private async send(): Promise<void> {
    for (const [topic, message] of this.outgoing) {
      this.outgoing.delete(topic);
      try {
        await this.database.query(notify, [JSON.stringify({ from: this.self, message })]);
      } catch (error) {
        log.warn(
          { err: error, event: 'bus_publish_failed' },
          'other instances were not woken; they look by themselves',
        );
      }
    }
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
    client.on('notification', ({ payload }) => this.receive(payload ?? ''));
    client.on('end', () => this.relisten());
    if (this.stopped) await client.end();
  }

  /** One attempt at a time, with pauses between them, until it is joined again. */
  private relisten(): void {
    if (this.stopped || this.reconnect) return;
    this.reconnect = setTimeout(() => {
      this.listen().then(
        () => {
          this.reconnect = undefined;
          this.tell({ topic: 'events', position: Infinity }); // what was missed meanwhile: look yourselves
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
    const { from, message } = JSON.parse(payload) as { from: string; message: BusMessage };
    if (from !== this.self) this.tell(message);
  }
}
