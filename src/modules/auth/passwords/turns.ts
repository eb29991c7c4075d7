/** What the newest work counts for in what all of them take. */
const WEIGHT = 0.2;

/** Who may wait. */
export interface Patience {
  /** So many works at most. */
  queue: number;
  /** Nobody longer than this, as far as the works of late tell; one may always wait. */
  waitMs: number;
}

/** Runs work a few at a time; a bounded number waits, in order, and everybody else is turned away. */
export class Turns {
  private running = 0;
  /** How long a work takes, of late. */
  private tookMs = 0;
  private readonly waiting = new Set<() => void>();

  /**
   * @param concurrency works that run at the same time
   * @param refusal what everybody else gets
   */
  constructor(
    private readonly concurrency: number,
    private readonly patience: Patience,
    private readonly refusal: () => Error,
  ) {}

  /** @param signal who gave up while waiting leaves its place; its promise rejects with the signal's reason */
  async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    if (this.running < this.concurrency) this.running++;
    else await this.wait(signal);
    const startedAt = performance.now();
    try {
      return await work();
    } finally {
      this.tookMs += (performance.now() - startedAt - this.tookMs) * WEIGHT;
      const [next] = this.waiting;
      if (next)
        next(); // hands its turn on
      else this.running--;
    }
  }

  private get isFull(): boolean {
    const { size } = this.waiting;
    const { queue, waitMs } = this.patience;
    const expectedMs = ((size + 1) * this.tookMs) / this.concurrency;
    return size >= queue || (size > 0 && expectedMs > waitMs);
  }

  private wait(signal?: AbortSignal): Promise<void> {
    if (this.isFull) throw this.refusal();
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.waiting.delete(begin);
        reject(signal?.reason as Error);
      };
      const begin = (): void => {
        this.waiting.delete(begin);
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      this.waiting.add(begin);
      signal?.addEventListener('abort', leave, { once: true });
    });
  }
}
