import { Increases } from './increases.js';
import { percentile } from './percentile.js';
import {
  bounds,
  classes,
  readTraffic,
  ROUTE_BUCKETS,
  type TrafficReading,
} from './read-traffic.js';

const WINDOW_MS = 60_000;
/** Routes are many: they are sampled less often than what is drawn. */
const ROUTES_EVERY = 5;
const MOST_ROUTES = 10;

/** Requests of one second by class, and latencies of the last minute in seconds. */
export type TrafficPoint = Record<(typeof classes)[number], number> &
  Record<'p50' | 'p95' | 'p99', number | null>;

/** One route within the last minute. */
export interface RouteReport {
  route: string;
  requests: number;
  failed: number;
  /** Seconds; of the requests of this route. */
  p95: number | null;
  mean: number;
}

/** The last minute of all routes. */
export interface TrafficReport {
  /** How much of the minute has been seen: less after a start. */
  seconds: number;
  requests: number;
  failed: number;
  shed: number;
  busiest: RouteReport[];
  slowest: RouteReport[];
}

/** Rates and latencies of what users ask for, from the metrics that are counted anyway. */
export class Traffic {
  private readonly second = new Increases(1);
  private readonly minute = new Increases(WINDOW_MS);
  private readonly routes = new Increases(WINDOW_MS);
  private best: Pick<TrafficReport, 'busiest' | 'slowest'> = { busiest: [], slowest: [] };
  private ticks = 0;

  /** @param now milliseconds of a clock that is never set back */
  async take(now: number): Promise<TrafficPoint> {
    const { byClass, buckets, routes, shed } = await readTraffic(this.ticks % ROUTES_EVERY === 0);
    const totals = new Map([
      ['classes', byClass],
      ['buckets', buckets],
      ['shed', [shed]],
    ]);
    this.second.add(now, totals);
    this.minute.add(now, totals);
    if (this.ticks++ % ROUTES_EVERY === 0) this.rank(now, routes);
    const { seconds } = this.second;
    const grown = this.second.of('classes');
    const latencies = this.minute.of('buckets');
    const rate = (n: number): number => (seconds > 0 ? (grown[n] ?? 0) / seconds : 0);
    return {
      ...{ '2xx': rate(0), '3xx': rate(1), '4xx': rate(2), '5xx': rate(3) },
      p50: percentile(0.5, bounds, latencies),
      p95: percentile(0.95, bounds, latencies),
      p99: percentile(0.99, bounds, latencies),
    };
  }

  report(): TrafficReport {
    const grown = this.minute.of('classes');
    return {
      seconds: this.minute.seconds,
      requests: grown.reduce((sum, count) => sum + count, 0),
      failed: grown[3] ?? 0,
      shed: this.minute.of('shed')[0] ?? 0,
      ...this.best,
    };
  }

  private rank(now: number, routes: TrafficReading['routes']): void {
    this.routes.add(now, routes);
    const all = this.routes
      .names()
      .map((route) => reportOf(route, this.routes.of(route)))
      .filter(({ requests }) => requests > 0);
    const first = (key: 'requests' | 'p95'): RouteReport[] =>
      all.toSorted((a, b) => (b[key] ?? 0) - (a[key] ?? 0)).slice(0, MOST_ROUTES);
    this.best = { busiest: first('requests'), slowest: first('p95') };
  }
}

function reportOf(route: string, counts: readonly number[]): RouteReport {
  const [requests = 0, failed = 0, seconds = 0] = counts;
  const p95 = percentile(0.95, bounds, counts.slice(ROUTE_BUCKETS));
  return { route, requests, failed, p95, mean: requests > 0 ? seconds / requests : 0 };
}
