import { LRUCache } from 'lru-cache';
import { requestContext } from '../observability/request-context.js';

/** Writers that one process remembers; who is forgotten sends the token, as all clients may. */
const MAX_WRITERS = 10_000;
/** A replica that is further behind takes no reads (`database.replicaMaxLagSeconds`, 60 at most). */
const REMEMBER_MS = 65_000;

/** The last position that each user wrote through this process. */
const lastWrites = new LRUCache<string, number>({ max: MAX_WRITERS, ttl: REMEMBER_MS });

/**
 * A position in the write-ahead log, as a number. PostgreSQL writes it as two hexadecimal numbers,
 * `16/B374D848`; together they stay exact in a double up to 8 PB of log.
 */
export function parsePosition(text: string): number | undefined {
  const match = /^([0-9A-F]{1,8})\/([0-9A-F]{1,8})$/i.exec(text);
  if (!match) return undefined;
  return Number.parseInt(match[1] ?? '', 16) * 2 ** 32 + Number.parseInt(match[2] ?? '', 16);
}

/** Remembers that the caller of the request at hand wrote, and that the log reached to here then. */
export function rememberWrite(position: number): void {
  const userId = requestContext()?.principal?.userId;
  if (userId !== undefined) lastWrites.set(userId, position);
}

/** How far a replica must have come to show the request at hand everything that its caller wrote. */
export function positionToSee(): number {
  const work = requestContext();
  if (!work) return 0;
  const own = work.principal && lastWrites.get(work.principal.userId);
  return Math.max(work.mustSee ?? 0, own ?? 0);
}
