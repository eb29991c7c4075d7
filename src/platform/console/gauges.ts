import type { Increases } from './increases.js';
import { readMetric, sumBy, type Reading } from './read-metrics.js';

/** A pool of connections to the database. */
export interface PoolReport {
  name: string;
  active: number;
  idle: number;
  waiting: number;
  max: number;
}

/** A cache, within the last minutes. */
export interface CacheReport {
  name: string;
  /** Share of look-ups that were answered; null without any. */
  hitRatio: number | null;
  lookupsPerSecond: number;
  errors: number;
}

/** A queue of jobs: waiting now, and finished attempts since the start. */
export interface QueueReport {
  name: string;
  waiting: number | null;
  completed: number;
  failed: number;
}

/** What the gauges and counters of the platform and the modules say, whichever of them are here. */
export interface Gauges {
  pools: PoolReport[];
  caches: CacheReport[];
  queues: QueueReport[];
  /** Null in a process without sockets. */
  sockets: { open: number; inPerSecond: number; outPerSecond: number } | null;
  events: { outboxLagSeconds: number; position: number };
  /** Requests refused by a limit, a second. */
  limitedPerSecond: number;
}

/** @param minute remembers the counters, for what is told as a rate */
export async function readGauges(minute: Increases, now: number): Promise<Gauges> {
  const [pools, ratios, lookups, depth, jobs, open, frames, lag, position, limited] =
    await Promise.all(
      [
        ...['db_pool_connections', 'cache_hit_ratio', 'cache_requests_total', 'job_queue_depth'],
        ...['jobs_total', 'ws_connections', 'ws_messages_total', 'outbox_lag_seconds'],
        ...['event_log_position', 'rate_limit_rejections_total'],
      ].map(readMetric),
    ).then((all) => all as Ten);
  const inMemory = lookups.filter(({ labels }) => labels['level'] === 'memory');
  const errors = lookups.filter(({ labels }) => labels['result'] === 'error');
  minute.add(now, counters({ frames, inMemory, errors, limited }));
  const rate = (name: string): number =>
    minute.seconds > 0 ? (minute.of(name)[0] ?? 0) / minute.seconds : 0;
  const answered = sumBy(ratios, 'cache');
  return {
    pools: [...new Set(pools.map(({ labels }) => String(labels['pool'])))].map((name) =>
      poolOf(name, pools),
    ),
    caches: [...sumBy(inMemory, 'cache').keys()].sort().map((name) => ({
      name,
      hitRatio: answered.get(name) ?? null,
      lookupsPerSecond: rate(`inMemory ${name}`),
      errors: minute.of(`errors ${name}`)[0] ?? 0,
    })),
    queues: queuesOf(depth, jobs),
    sockets: open[0]
      ? { open: open[0].value, inPerSecond: rate('frames in'), outPerSecond: rate('frames out') }
      : null,
    events: { outboxLagSeconds: lag[0]?.value ?? 0, position: position[0]?.value ?? 0 },
    limitedPerSecond: rate('limited'),
  };
}

type Lines = readonly Reading[];
type Ten = [Lines, Lines, Lines, Lines, Lines, Lines, Lines, Lines, Lines, Lines];

function counters(of: Record<'frames' | 'inMemory' | 'errors' | 'limited', Lines>) {
  const named = (prefix: string, sums: Map<string, number>): [string, number[]][] =>
    [...sums].map(([name, value]) => [`${prefix} ${name}`, [value]]);
  return new Map([
    ...named('frames', sumBy(of.frames, 'direction')),
    ...named('inMemory', sumBy(of.inMemory, 'cache')),
    ...named('errors', sumBy(of.errors, 'cache')),
    ['limited', [of.limited.reduce((sum, { value }) => sum + value, 0)]] as [string, number[]],
  ]);
}

function poolOf(name: string, lines: Lines): PoolReport {
  const states = sumBy(
    lines.filter(({ labels }) => labels['pool'] === name),
    'state',
  );
  const of = (state: string): number => states.get(state) ?? 0;
  return {
    ...{ name, active: of('active'), idle: of('idle') },
    ...{ waiting: of('waiting'), max: of('max') },
  };
}

function queuesOf(depth: Lines, jobs: Lines): QueueReport[] {
  const waiting = sumBy(depth, 'queue');
  const finished = (result: string): Map<string, number> =>
    sumBy(
      jobs.filter(({ labels }) => labels['result'] === result),
      'queue',
    );
  const [completed, failed] = [finished('completed'), finished('failed')];
  return [...new Set([...waiting.keys(), ...completed.keys(), ...failed.keys()])]
    .filter((name) => !name.startsWith('__')) // pg-boss' own
    .sort()
    .map((name) => ({
      name,
      waiting: waiting.get(name) ?? null,
      completed: completed.get(name) ?? 0,
      failed: failed.get(name) ?? 0,
    }));
}
