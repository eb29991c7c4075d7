import { readFileSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { startExporter, type Exporter } from './exporter.js';
import { root } from './process.js';

/** Whether the application itself tells of its memory and disks; until then `startMachineMetrics` does. */
export const tellsOfItsMachine = readFileSync(join(root, 'docs/configuration.md'), 'utf8').includes(
  'MAINSTAY__HEALTH__MEMORY_LIMIT_BYTES',
);

/** The gauges of a process's machine, measured from outside. */
export function startMachineMetrics(more: {
  disk?: () => string;
  memory?: boolean;
}): Promise<Exporter> {
  return startExporter(() => {
    const lines: string[] = [];
    if (more.disk) {
      const { bavail, blocks, bsize } = statfsSync(more.disk());
      lines.push(
        `disk_free_bytes{volume="data"} ${bavail * bsize}`,
        `disk_size_bytes{volume="data"} ${blocks * bsize}`,
      );
    }
    if (more.memory) {
      lines.push('process_resident_memory_bytes 200000000', 'memory_limit_bytes 150000000');
    }
    return lines.join('\n');
  });
}
