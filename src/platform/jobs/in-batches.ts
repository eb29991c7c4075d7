import type { Patience } from './jobs.js';

/** Of queues whose jobs work in batches: as long as a backlog may take, and then a new attempt goes on with it. */
export const BATCHES_PATIENCE: Patience = { expireSeconds: 900 };

/** Rows that a statement removes: short enough for the pool's time limit, and for replicas to follow. */
export const ROWS_A_BATCH = 5000;

/**
 * Runs `batch` until it finds nothing to do: one that did less than it may have is not the last one.
 *
 * @param batch returns how much it did, in a transaction or statement of its own: what is done stays done
 * @throws when the job was given up meanwhile; its next attempt does the rest
 */
export async function inBatches(signal: AbortSignal, batch: () => Promise<number>): Promise<void> {
  do signal.throwIfAborted();
  while ((await batch()) > 0);
}
