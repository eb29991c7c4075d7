import type { Pool, PoolClient } from 'pg';
import { platformErrors } from '../errors/platform.errors.js';
import { databaseTelemetry } from './database.telemetry.js';

/** What bounds and watches a pool. */
export interface PoolBounds {
  /** Requests that may wait for a connection; more are refused at once. */
  maxWaiting: number;
  /** A connection that is kept longer than this is reported, with the stack that took it. */
  leakSeconds: number;
}

type Callback = (error: Error | undefined, client?: PoolClient, done?: () => void) => void;

/**
 * Adds to pg's pool what it lacks: a bounded queue, the time waited, and who does not give back what
 * they took. A stack costs 2 µs to capture, so only callers that keep a connection leave theirs, not
 * the single statements, which pg itself gives back.
 *
 * @returns how to end the watch
 */
export function watchPool(name: string, pool: Pool, bounds: PoolBounds): () => void {
  const held = new Map<PoolClient, { since: number; takenBy: Error }>();
  const metrics = databaseTelemetry.pool(name, pool);
  const connect = pool.connect.bind(pool) as (callback: Callback) => void;

  const take = (callback: Callback): void => {
    if (pool.waitingCount >= bounds.maxWaiting) return callback(refused());
    if (pool.idleCount > 0 && pool.waitingCount === 0) {
      metrics.waited(0);
      return connect(callback);
    }
    const asked = performance.now();
    connect((error, client, done) => {
      metrics.waited((performance.now() - asked) / 1000);
      callback(error && isWaitTimeout(error) ? refused(error) : error, client, done);
    });
  };
  const takeAndKeep = (): Promise<PoolClient> => {
    const takenBy = new Error('the connection was taken here');
    return new Promise((resolve, reject) =>
      take((error, client) => {
        if (!client) return reject(error ?? new Error('the pool gave no connection'));
        held.set(client, { since: performance.now(), takenBy });
        resolve(client);
      }),
    );
  };
  pool.connect = ((callback?: Callback) =>
    callback ? take(callback) : takeAndKeep()) as Pool['connect'];
  pool.on('release', (_error, client) => held.delete(client));

  const report = (): void => {
    const now = performance.now();
    for (const [client, { since, takenBy }] of held) {
      const seconds = (now - since) / 1000;
      if (seconds < bounds.leakSeconds) continue;
      held.delete(client); // once is enough
      databaseTelemetry.leak(seconds, takenBy);
    }
  };
  const timer = setInterval(report, (bounds.leakSeconds * 1000) / 10).unref();
  return () => clearInterval(timer);
}

const refused = (cause?: Error): Error =>
  platformErrors.overloaded({
    detail: 'All connections to the database are in use.',
    headers: { 'retry-after': '1' },
    cause,
  });

/** pg-pool's error of a request that waited in vain; one that could not connect has another. */
function isWaitTimeout(error: Error): boolean {
  return error.message.includes('timeout exceeded when trying to connect');
}
