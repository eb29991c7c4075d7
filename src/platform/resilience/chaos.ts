import { setTimeout as pause } from 'node:timers/promises';
import type { ChaosConfig } from './chaos.config.js';

/** Runs a call, or does to it what the configuration says. */
export type Chaos = <T>(call: () => Promise<T>) => Promise<T>;

/**
 * The faults for a breaker's dependency; undefined where there are none, so that nothing is paid.
 *
 * @param name of the breaker; `replica_1` takes the faults of `replica`
 * @param drop cuts a real connection, where the dependency has one that can be cut
 */
export function chaosOf(config: ChaosConfig, name: string, drop?: () => void): Chaos | undefined {
  const { enabled, ...dependencies } = config;
  const faults = (dependencies as Record<string, ChaosConfig['database'] | undefined>)[
    name.split('_', 1)[0] ?? ''
  ];
  if (!enabled || !faults) return undefined;
  const { latencyMs, errorShare, dropShare } = faults;
  if (latencyMs + errorShare + dropShare === 0) return undefined;
  return async (call) => {
    if (latencyMs > 0) await pause(latencyMs);
    const fate = Math.random();
    if (fate < errorShare) throw new ChaosError(name);
    if (fate < errorShare + dropShare) {
      drop?.();
      throw new ChaosError(name);
    }
    return call();
  };
}

/** Looks like a lost connection to whoever judges it. */
class ChaosError extends Error {
  readonly code = 'ECONNRESET';
  constructor(name: string) {
    super(`chaos: a call to ${name} was made to fail`);
  }
}
