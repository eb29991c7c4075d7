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
  /** The log reaches to here now. */
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
    for (const listener of this.listeners) listener(message);
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
    client.on('notification', ({ payload }) => this.receive(payload ?? ''));
    client.on('error', (error) => {
      log.warn({ err: error, event: 'bus_lost' }, 'the bus connection was lost');
    });
    client.on('end', () => this.relisten());
    this.client = client;
    await client.connect();
    await client.query(`LISTEN ${CHANNEL}`);
  }

  private relisten(): void {
    if (this.stopped) return;
    this.reconnect = setTimeout(() => {
      this.listen().catch((error: unknown) => {
        log.warn(
          { err: error, event: 'bus_reconnect_failed' },
          'the bus could not be joined; it is tried again',
        );
        this.relisten();
      });
    }, RECONNECT_MS);
  }

  private receive(payload: string): void {
    const { from, message } = JSON.parse(payload) as { from: string; message: BusMessage };
    if (from === this.self) return;
    for (const listener of this.listeners) listener(message);
  }
}
