import { statfs } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { gauge } from '../metrics/metrics.js';
import type { HealthConfig } from './health.config.js';
import { illness, type Probe } from './health.registry.js';

const diskFree = gauge('disk_free_bytes', 'Room on a volume that this process writes to.', [
  'volume',
]);
const diskSize = gauge('disk_size_bytes', 'Size of a volume that this process writes to.', [
  'volume',
]);
const memoryLimit = gauge(
  'memory_limit_bytes',
  'What the process may hold in memory; what it holds is process_resident_memory_bytes.',
);

/** The delay of the event loop since the last look, its p99 against the bound. What blocked it before the first was the start. */
export function eventLoopProbe(config: HealthConfig): Probe {
  const delay = monitorEventLoopDelay({ resolution: 20 });
  return () => {
    if (delay.enable()) return Promise.resolve({ lagMs: 0 });
    const lagMs = Math.round(delay.percentile(99) / 1e4) / 100 - 20; // its own timer counts as delay
    delay.reset();
    const values = { lagMs: Math.max(0, Math.round(lagMs * 100) / 100) };
    if (values.lagMs > config.eventLoopLagMs)
      return Promise.reject(illness('EVENT_LOOP_LAG', values));
    return Promise.resolve(values);
  };
}

/** Free room where the process writes. A folder that does not exist yet is judged by its parent. */
export function diskProbe(volume: string, folder: string, config: HealthConfig): Probe {
  return async () => {
    const { bavail, blocks, bsize } = await statfs(folder);
    const values = { freeBytes: bavail * bsize, sizeBytes: blocks * bsize };
    diskFree.set({ volume }, values.freeBytes);
    diskSize.set({ volume }, values.sizeBytes);
    if (values.freeBytes < config.diskFreeShare * values.sizeBytes)
      throw illness('DISK_FULL', values);
    return values;
  };
}

/** What the process holds, against what it may. */
export function memoryProbe(config: HealthConfig): Probe {
  const limitBytes = config.memoryLimitBytes ?? availableMemory();
  memoryLimit.set(limitBytes);
  return () => {
    const values = { residentBytes: process.memoryUsage.rss(), limitBytes };
    if (values.residentBytes > config.memoryShare * limitBytes)
      return Promise.reject(illness('MEMORY', values));
    return Promise.resolve(values);
  };
}

/** The limit of the container, where there is one. Without one the kernel names a huge number. */
function availableMemory(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}
