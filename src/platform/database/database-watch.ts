import pg, { type Pool, type PoolClient } from 'pg';
import type { Breaker } from '../resilience/breaker.js';
import { isConnectionLost, isOutOfResources } from './database-errors.js';
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
  private client: pg.Client | undefined;
  private asking: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly pool: Pool,
    private readonly breaker: () => Breaker,
    /** Whether a server that only reads is none. */
    private readonly mustWrite = true,
  ) {}

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
    this.asking ??= this.question()
      .catch((error: unknown) => {
        if (!isOutOfResources(error)) throw error; // no connection left for us, but the server answers
      })
      .finally(() => (this.asking = undefined));
    return this.asking;
  }

  /** Cuts one connection of the pool on purpose. */
  dropOne(): void {
    cut(clientsOf(this.pool)[0]);
  }

  /** Drops every connection of the pool: whoever waits on one fails at once. */
  dropAll(reason?: () => Error): void {
    // Each its own error: pg gives it the stack of whoever waits on that connection.
    for (const client of clientsOf(this.pool)) cut(client, reason?.());
  }

  private look(): void {
    this.ask().catch((error: unknown) => {
      if (isConnectionLost(error)) this.breaker().trip(error);
    });
  }

  private async question(): Promise<void> {
    const client = this.client ?? (await this.connect());
    const answered = client.query<{ standby: boolean }>('SELECT pg_is_in_recovery() AS standby');
    let timer: NodeJS.Timeout | undefined;
    const silent = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(
        // One more turn: after a long one of our own the answer may be there, unread.
        () => setImmediate(() => reject(new NoAnswerError())),
        ANSWER_MS,
      );
    });
    try {
      const { rows } = await Promise.race([answered, silent]);
      // After a failover the old primary may go on as a standby: the address has to be resolved anew.
      if (this.mustWrite && rows[0]?.standby) throw new ReadOnlyError();
    } catch (error) {
      answered.catch(() => undefined); // it ends with the connection
      this.drop(client);
      if (error instanceof NoAnswerError || error instanceof ReadOnlyError) {
        databaseTelemetry.unresponsive(error);
        const { constructor } = error as { constructor: unknown };
        this.dropAll(() => new (constructor as new () => Error)());
      }
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
    cut(client);
  }
}

class ReadOnlyError extends Error {
  readonly code = '25006';
  constructor() {
    super('the database is a standby and takes no writes');
  }
}

class NoAnswerError extends Error {
  readonly code = 'ETIMEDOUT';
  constructor() {
    super(`the database did not answer within ${ANSWER_MS} ms`);
  }
}

/** All of them, also those that were opened before anybody could listen; pg-pool shows their number only. */
function clientsOf(pool: Pool): PoolClient[] {
  return (pool as unknown as { _clients: PoolClient[] })._clients;
}

/** Ends a connection without waiting for the server, which pg has no way to do; its socket has. */
export function cut(client: unknown, reason?: Error): void {
  const { connection } = (client ?? {}) as {
    connection?: { stream?: { destroy(reason?: Error): void } };
  };
  connection?.stream?.destroy(reason);
}
