import type { Lifecycle } from '../lifecycle/lifecycle.js';
import type { HealthRegistry } from './health.registry.js';

/** What `/readyz` says of the process. */
export type Readiness = 'starting' | 'ok' | 'degraded' | 'unavailable' | 'draining';

export function readinessOf(lifecycle: Lifecycle, registry: HealthRegistry): Readiness {
  if (lifecycle.isDraining) return 'draining';
  if (!lifecycle.isReady) return 'starting';
  return registry.status();
}
