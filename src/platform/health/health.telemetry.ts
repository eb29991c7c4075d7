import { loggerOf } from '../logging/logger.js';
import { gauge } from '../metrics/metrics.js';

const log = loggerOf('health');

const up = gauge('health_check_up', '1 while a check passes, 0 while it fails.', ['check']);
const latency = gauge('health_check_latency_seconds', 'How long a check took last time.', [
  'check',
]);

/** What is counted and logged of the checks. */
export const healthTelemetry = {
  looked(check: string, passes: boolean, seconds: number): void {
    up.set({ check }, passes ? 1 : 0);
    latency.set({ check }, seconds);
  },

  unknown(checks: string[]): void {
    log.warn(
      { event: 'health_checks_unknown', checks },
      `health.required names what this process has no check of: ${checks.join(', ')}`,
    );
  },

  changed(check: string, state: 'up' | 'down', code: string | null): void {
    log.at(
      state === 'up' ? 'info' : 'warn',
      { event: 'health_changed', check, state, ...(code !== null && { code }) },
      state === 'up' ? `${check} is well again` : `${check} is not well`,
    );
  },
};
