import { operationsPath } from '../http/operations-path.js';
import { readMetric, type Reading } from './read-metrics.js';

/** Classes of answers, as they are counted and drawn. */
export const classes = ['2xx', '3xx', '4xx', '5xx'] as const;

/** The counters of one route: finished requests, those of them that failed, seconds, then the buckets. */
export const ROUTE_BUCKETS = 3;

/** What the metrics of HTTP say at one moment, without what operators ask for themselves. */
export interface TrafficReading {
  /** Requests by {@link classes}, also those that were refused at the door. */
  byClass: number[];
  /** By `GET /route`: see {@link ROUTE_BUCKETS}. */
  routes: Map<string, number[]>;
  /** Buckets of all routes together, cumulative, the infinite one last. */
  buckets: number[];
  /** Requests refused because the process had too much to do. */
  shed: number;
}

/** Upper bounds of the buckets, in seconds, learnt from the histogram itself. */
export let bounds: readonly number[] = [];

/** @param byRoute whether the routes are told apart, which costs as much as all the rest */
export async function readTraffic(byRoute: boolean): Promise<TrafficReading> {
  const [total, durations] = await Promise.all([
    readMetric('http_requests_total'),
    readMetric('http_request_duration_seconds'),
  ]);
  const reading: TrafficReading = {
    byClass: [0, 0, 0, 0],
    routes: new Map(),
    buckets: [],
    shed: 0,
  };
  for (const { labels, value } of total) {
    if (isOurs(labels)) continue;
    const at = Math.min(Math.max(Math.floor(Number(labels['status']) / 100), 2), 5) - 2;
    reading.byClass[at] = (reading.byClass[at] ?? 0) + value;
    if (labels['route'] === 'shed') reading.shed += value;
  }
  for (const line of durations) {
    if (isOurs(line.labels)) continue;
    if (line.labels['le'] !== undefined)
      add(reading.buckets, bucketOf(line.labels['le']), line.value);
    if (byRoute) addToRoute(reading, line);
  }
  return reading;
}

function addToRoute({ routes }: TrafficReading, line: Reading): void {
  const { labels, value, metricName = '' } = line;
  const name = `${labels['method'] ?? ''} ${labels['route'] ?? ''}`;
  let route = routes.get(name);
  if (!route) routes.set(name, (route = [0, 0, 0]));
  if (metricName.endsWith('_count')) {
    add(route, 0, value);
    if (Number(labels['status']) >= 500) add(route, 1, value);
  } else if (metricName.endsWith('_sum')) add(route, 2, value);
  else add(route, ROUTE_BUCKETS + bucketOf(labels['le']), value);
}

/** The place of a bucket; those of one line of labels come in their order, the first time as later. */
function bucketOf(le: string | number | undefined): number {
  if (le === '+Inf') return bounds.length;
  const bound = Number(le);
  const n = bounds.indexOf(bound);
  if (n >= 0) return n;
  bounds = [...bounds, bound];
  return bounds.length - 1;
}

function add(counts: number[], at: number, value: number): void {
  counts[at] = (counts[at] ?? 0) + value;
}

const isOurs = ({ route }: Reading['labels']): boolean => operationsPath.test(String(route));
