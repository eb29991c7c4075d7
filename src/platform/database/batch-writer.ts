import { platformErrors } from '../errors/platform.errors.js';
import { requestContext, runOutsideContext } from '../observability/request-context.js';
import { traced } from '../tracing/tracing.js';
import type { Database } from './database.js';
import type { Tx } from './transaction.js';

/** Beyond this many the database does not keep up, and more would only wait longer. */
const MAX_WAITING = 5000;

/** As long as for a connection of the pool: who waits behind a batch that a lock holds up is told so. */
const MAX_WAIT_MS = 2500;
const LOOK_MS = 250;

interface Waiting<T, R> {
  item: T;
  /** `performance.now()` of its arrival. */
  since: number;
  resolve: (result: R) => void;
  reject: (reason: unknown) => void;
}

const SPAN = { 'db.system.name': 'postgresql' };

/**
 * Joins small writes into one transaction, as a database groups commits: one batch is under way, and
 * what arrives meanwhile is the next one. A lone write goes out at once. Under load a commit, its
 * round trips and its flush to disk are shared by all writes of the batch.
 *
 * A batch that fails for its data is written again one by one, so that nobody fails for somebody else's data. A
 * request with an idempotency key is written alone: its stored answer commits with its own write.
 */
export class BatchWriter<T, R> {
  private readonly waiting: Waiting<T, R>[] = [];
  private running = false;
  /** Runs while something waits behind a batch. */
  private looking: NodeJS.Timeout | undefined;

  /**
   * @param name of its span, `repository.operation`
   * @param write writes all items in the transaction; one result an item, in their order
   * @param maxBatch items of one transaction at most
   * @param maxWaitMs an item that has not begun by then is refused
   */
  constructor(
    private readonly name: `${string}.${string}`,
    private readonly database: Database,
    private readonly write: (tx: Tx, items: T[]) => Promise<R[]>,
    private readonly maxBatch = 100,
    private readonly maxWaitMs = MAX_WAIT_MS,
  ) {}

  /** Resolves once the item is durable. */
  async add(item: T): Promise<R> {
    if (requestContext()?.idempotency) return first(await this.commit([item]));
    return traced(`db ${this.name}`, SPAN, () => this.enqueue(item));
  }

  private commit(items: T[]): Promise<R[]> {
    return this.database.transaction((tx) => this.write(tx, items));
  }

  private enqueue(item: T): Promise<R> {
    if (this.waiting.length >= MAX_WAITING) {
      return Promise.reject(tooMany());
    }
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, since: performance.now(), resolve, reject });
      if (this.running) {
        this.looking ??= setInterval(() => this.refuseLate(), LOOK_MS);
        return;
      }
      this.running = true;
      // At the end of this turn, so that requests which arrived together are written together.
      runOutsideContext(() => setImmediate(() => void this.drain()));
    });
  }

  private async drain(): Promise<void> {
    while (this.waiting.length > 0) await this.writeBatch(this.waiting.splice(0, this.maxBatch));
    this.running = false;
    clearInterval(this.looking);
    this.looking = undefined;
  }

  private refuseLate(): void {
    const latest = performance.now() - this.maxWaitMs;
    const begins = this.waiting.findIndex(({ since }) => since > latest);
    const late = this.waiting.splice(0, begins === -1 ? this.waiting.length : begins);
    for (const { reject } of late) reject(tooMany());
  }

  private async writeBatch(batch: Waiting<T, R>[]): Promise<void> {
    try {
      const results = await this.commit(batch.map(({ item }) => item));
      batch.forEach(({ resolve }, index) => resolve(results[index] as R));
    } catch (error) {
      // Only bad data is worth a second look: when the database is gone, nobody waits for it twice.
      if (batch.length > 1 && isDataError(error)) {
        for (const one of batch) await this.writeBatch([one]);
      } else for (const { reject } of batch) reject(error);
    }
  }
}

const tooMany = (): Error =>
  platformErrors.overloaded({
    detail: 'Too many writes wait for the database.',
    headers: { 'retry-after': '1' },
  });

function first<R>(results: R[]): R {
  if (results.length !== 1) throw new Error(`one result was expected, there are ${results.length}`);
  return results[0] as R;
}

/** SQLSTATE classes 22 (data exception) and 23 (constraint): the fault of one row, not of the batch. */
function isDataError(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^2[23]/.test(code);
}
