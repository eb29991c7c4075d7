import { monitorEventLoopDelay } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';

/** What the process itself uses, since it was asked last. */
export interface ProcessLoad {
  /** The longest that the event loop was late, in milliseconds. */
  loopLateMs: number;
  /** Share of one core. */
  cpu: number;
  rssBytes: number;
  heapBytes: number;
  heapLimitBytes: number;
}

/** How often the delay is sampled; an event loop with nothing to do is «late» by this much. */
const RESOLUTION_MS = 20;

/** Watches event loop, CPU and memory; its statistics are its own, not those that `/metrics` resets. */
export class ProcessWatch {
  private readonly delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  private cpu = process.cpuUsage();
  private at = performance.now();

  start(): void {
    this.delay.enable();
  }

  stop(): void {
    this.delay.disable();
  }

  read(): ProcessLoad {
    const now = performance.now();
    const { user, system } = process.cpuUsage(this.cpu);
    const load = {
      loopLateMs: Math.max(0, this.delay.max / 1e6 - RESOLUTION_MS),
      cpu: (user + system) / 1000 / Math.max(1, now - this.at),
      rssBytes: process.memoryUsage.rss(),
      heapBytes: getHeapStatistics().used_heap_size,
      heapLimitBytes: getHeapStatistics().heap_size_limit,
    };
    this.delay.reset();
    this.cpu = process.cpuUsage();
    this.at = now;
    return load;
  }
}
