import { gauge } from '../metrics/metrics.js';

/** What the relays of this process know; several only in tests. */
const relays = new Set<{ readonly lagSeconds: number }>();

gauge(
  'outbox_lag_seconds',
  'Age of the oldest event at the last relay round; while rounds fail, the time since the last good one.',
  [],
  function () {
    this.set(Math.max(0, ...[...relays].map(({ lagSeconds }) => lagSeconds)));
  },
);

/** From now on the metric tells of this relay's lag. */
export function watchLag(relay: { readonly lagSeconds: number }): void {
  relays.add(relay);
}

export const eventLogPosition = gauge(
  'event_log_position',
  'The last position this process knows of.',
);
