import { parse, stringify } from 'yaml';

/**
 * Prometheus scrapes and evaluates no more often than this, however small the scale makes the interval: so long
 * may an answer take too, and a machine that stands still for a second is no service that is down.
 */
const LEAST_MS = 2000;

/** What is shipped between two scrapes, and between two evaluations. */
const ROUND_MS = 15_000;

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
      (_, before: string, given: string) => before + scaleDuration(given, times),
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

/**
 * Up to two rounds keep what they are in rounds, which {@link LEAST_MS} makes longer than the rest of time: a range
 * that held two scrapes does so, and a wait for the next evaluation reaches it.
 * @returns e.g. `5s` for `5m` at 60 times; what is nothing stays nothing
 */
export function scaleDuration(duration: string, times: number): string {
  const parts = [...duration.matchAll(/(\d+)(ms|[smhdw])/g)];
  if (duration !== '0' && parts.map(([part]) => part).join('') !== duration) {
    throw new Error(`no duration: ${duration}`);
  }
  const ms = parts.reduce((sum, [, n, unit]) => sum + Number(n) * unitMs[unit as Unit], 0);
  if (ms === 0) return '0s';
  const rounds = Math.min(ms / ROUND_MS, 2);
  const inRounds = rounds * Math.max(LEAST_MS, ROUND_MS / times);
  const scaled = Math.round(Math.max(LEAST_MS, inRounds, ms / times));
  return scaled % 1000 === 0 ? `${scaled / 1000}s` : `${scaled}ms`;
}
