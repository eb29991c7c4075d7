/** Runs work a few at a time; a bounded number waits, in order, and everybody else is turned away. */
export class Turns {
  private running = 0;
  private readonly waiting = new Set<() => void>();

  /**
   * @param concurrency works that run at the same time
   * @param queue works that may wait
   * @param refusal what everybody else gets
   */
  constructor(
    private readonly concurrency: number,
    private readonly queue: number,
    private readonly refusal: () => Error,
  ) {}

  /** @param signal who gave up while waiting leaves its place; its promise rejects with the signal's reason */
  async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    if (this.running < this.concurrency) this.running++;
    else await this.wait(signal);
    try {
      return await work();
    } finally {
      const [next] = this.waiting;
      if (next)
        next(); // hands its turn on
      else this.running--;
    }
  }

  private wait(signal?: AbortSignal): Promise<void> {
    if (this.waiting.size >= this.queue) throw this.refusal();
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
