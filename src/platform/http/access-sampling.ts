import type { LoggingConfig } from '../logging/logging.config.js';

const reads = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Whether a finished request leaves a record. */
export type KeepsRecord = (
  method: string,
  route: string,
  status: number,
  seconds: number,
) => boolean;

/**
 * Errors and slow requests always leave a record; of the others the share of their route does, else that
 * of all reads or writes. What can be known beforehand is, so that a request costs one look-up.
 */
export function accessSampling({ sampling, slowMs }: LoggingConfig): KeepsRecord {
  const slow = slowMs / 1000;
  const byRoute = new Map<string, Map<string, number>>();
  for (const [key, share] of Object.entries(sampling.routes)) {
    const [method = '', route = ''] = key.split(' ');
    const shares = byRoute.get(route) ?? new Map<string, number>();
    byRoute.set(route, shares.set(method, share));
  }
  return (method, route, status, seconds) => {
    if (status >= 400 || seconds >= slow) return true;
    const share =
      byRoute.get(route)?.get(method) ?? (reads.has(method) ? sampling.reads : sampling.writes);
    return share >= 1 || Math.random() < share;
  };
}
