import pg, { type Pool, type PoolClient } from 'pg';
import type { Breaker } from '../resilience/breaker.js';
import { databaseTelemetry } from './database.telemetry.js';

const EVERY_MS = 1000;
/** A server without an answer for so long has stopped: its callers get theirs within five seconds. */
const ANSWER_MS = 2500;
const CONNECT_MS = 5000;

/**
 * Asks the database once a second, on a connection of its own, whether it is there, so that a server
 * that neither answers nor hangs up is noticed before any statement's own time is over. Then the breaker
 * opens, and every connection of the pool is dropped: whoever waits on one fails at once.
 */
export class DatabaseWatch {
  private readonly clients = new Set<PoolClient>();
  private client: pg.Client | undefined;
  private asking: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly pool: Pool,
    private readonly breaker: () => Breaker,
  ) {
    pool.on('connect', (client) => this.clients.add(client));
    pool.on('remove', (client) => this.clients.delete(client));
  }

  start(): void {
    this.timer = setInterval(() => this.look(), EVERY_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    this.timer = undefined;
    const { client } = this;
    this.client = undefined;
    await client?.end();
  }

  /** Resolves when the server answers. All who ask at once share one question. */
  ask(): Promise<void> {
    this.asking ??= this.question().finally(() => (this.asking = undefined));
    return this.asking;
  }

  /** Cuts one connection of the pool on purpose. */
  dropOne(): void {
    const [client] = this.clients;
    socketOf(client)?.destroy();
  }

  private look(): void {
    this.ask().catch((error: unknown) => this.breaker().trip(error));
  }

  private async question(): Promise<void> {
    const client = this.client ?? (await this.connect());
    const answered = client.query('SELECT 1');
    let timer: NodeJS.Timeout | undefined;
    const silent = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(
        // One more turn: after a long one of our own the answer may be there, unread.
        () => setImmediate(() => reject(new NoAnswerError())),
        ANSWER_MS,
      );
    });
    try {
      await Promise.race([answered, silent]);
    } catch (error) {
      answered.catch(() => undefined); // it ends with the connection
      this.drop(client);
      if (error instanceof NoAnswerError) this.dropPool(error);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  private async connect(): Promise<pg.Client> {
    const client = new pg.Client({
      ...this.pool.options,
      application_name: 'mainstay watch',
      connectionTimeoutMillis: CONNECT_MS,
    });
    client.on('error', (error) => databaseTelemetry.connectionLost(error));
    try {
      await client.connect();
    } catch (error) {
      this.drop(client);
      throw error;
    }
    client.on('end', () => {
      if (this.client !== client) return;
      this.client = undefined;
      if (this.timer) this.look(); // at once: is it only this connection, or the server?
    });
    this.client = client;
    return client;
  }

  private drop(client: pg.Client): void {
    if (this.client === client) this.client = undefined;
    socketOf(client)?.destroy();
  }

  private dropPool(reason: Error): void {
    databaseTelemetry.unresponsive(reason);
    for (const client of this.clients) socketOf(client)?.destroy(reason);
  }
}

class NoAnswerError extends Error {
  readonly code = 'ETIMEDOUT';
  constructor() {
    super(`the database did not answer within ${ANSWER_MS} ms`);
  }
}

/** pg has no way to end a connection without waiting for the server; its socket has. */
function socketOf(client: unknown): { destroy(reason?: Error): void } | undefined {
  return (client as { connection?: { stream?: { destroy(reason?: Error): void } } } | undefined)
    ?.connection?.stream;
}
