/** Loaded before the application: nothing is counted or timed. What it costs is what is measured. */
import { Counter, Gauge, Histogram } from 'prom-client';

const nothing = (): void => undefined;
const silent = { inc: nothing, dec: nothing, set: nothing, observe: nothing };
for (const kind of [Counter, Gauge, Histogram]) {
  Object.assign(kind.prototype, silent, { labels: () => silent });
}
