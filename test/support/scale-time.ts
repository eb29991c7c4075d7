import { parse, stringify } from 'yaml';

/** Prometheus scrapes and evaluates no more often than this, however small the scale makes the interval. */
const LEAST_MS = 500;

/** Ranges that held two scrapes, of 15 seconds each, hold two of those as well. */
const TWO_SCRAPES_MS = 30_000;

const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
type Unit = keyof typeof unitMs;

/** The keys of `prometheus.yml`, rule files and `alertmanager.yml` whose values are durations. */
const durations = new Set([
  ...['scrape_interval', 'scrape_timeout', 'evaluation_interval', 'interval', 'for'],
  ...['keep_firing_for', 'resolve_timeout', 'group_wait', 'group_interval', 'repeat_interval'],
]);

/** Durations within PromQL: ranges, subqueries, offsets. */
const inExpressions = /(\[|\boffset\s+-?|(?<=\[[^\]]*):)((?:\d+(?:ms|[smhdw]))+)/g;

/**
 * The same configuration of Prometheus or Alertmanager, in which an hour takes 3600 / `times` seconds: what is
 * tested in seconds is what is shipped in minutes. Thresholds stay: they are not about waiting.
 */
export function scaleTime(yaml: string, times: number): string {
  return stringify(scale(parse(yaml), times), { aliasDuplicateObjects: false, lineWidth: 0 });
}

function scale(node: unknown, times: number): unknown {
  if (typeof node === 'string') {
    return node.replace(
      inExpressions,
      (_, before: string, given: string) =>
        before + (before === '[' ? scaleRange(given, times) : scaleDuration(given, times)),
    );
  }
  if (Array.isArray(node)) return node.map((item) => scale(item, times));
  if (node === null || typeof node !== 'object') return node;
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => [
      key,
      durations.has(key) ? scaleDuration(String(value), times) : scale(value, times),
    ]),
  );
}

/** @returns e.g. `5s` for `5m` at 60 times; what is nothing stays nothing */
export function scaleDuration(duration: string, times: number): string {
  return written(msOf(duration), times, LEAST_MS);
}

function scaleRange(range: string, times: number): string {
  const ms = msOf(range);
  return written(ms, times, ms < TWO_SCRAPES_MS ? LEAST_MS : 2 * LEAST_MS);
}

function msOf(duration: string): number {
  const parts = [...duration.matchAll(/(\d+)(ms|[smhdw])/g)];
  if (duration !== '0' && parts.map(([part]) => part).join('') !== duration) {
    throw new Error(`no duration: ${duration}`);
  }
  return parts.reduce((sum, [, n, unit]) => sum + Number(n) * unitMs[unit as Unit], 0);
}

function written(ms: number, times: number, least: number): string {
  if (ms === 0) return '0s';
  const scaled = Math.max(least, Math.round(ms / times));
  return scaled % 1000 === 0 ? `${scaled / 1000}s` : `${scaled}ms`;
}
