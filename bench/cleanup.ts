/** Everything the benchmark started, in order; undone in reverse, whatever ends it. */
export class Cleanup {
  private readonly steps: (() => unknown)[] = [];
  private running: Promise<void> | undefined;

  add(step: () => unknown): void {
    this.steps.push(step);
  }

  /** Undoes everything once, however often it is asked for. A step that fails does not stop the rest. */
  run(): Promise<void> {
    this.running ??= this.undo();
    return this.running;
  }

  private async undo(): Promise<void> {
    for (const step of this.steps.reverse()) {
      try {
        await step();
      } catch (error) {
        process.stderr.write(`cleaning up: ${String(error)}\n`);
        process.exitCode = 1;
      }
    }
  }
}

/** Runs `work`, and cleans up behind it: when it ends, when it fails, and on Ctrl-C. */
export async function withCleanup(work: (cleanup: Cleanup) => Promise<void>): Promise<void> {
  const cleanup = new Cleanup();
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.once(signal, () => {
      process.stderr.write('\nstopping what was started\n');
      void cleanup.run().finally(() => process.exit(code));
    });
  }
  try {
    await work(cleanup);
  } finally {
    await cleanup.run();
  }
}
