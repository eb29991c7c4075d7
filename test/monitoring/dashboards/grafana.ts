import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Prometheus } from '../../support/prometheus.js';
import { root } from '../../support/process.js';
import type { Dashboard, QueryVariable } from './schema.js';

export const folder = join(root, 'infra/monitoring/grafana');

/** The files, unread; the schema is the first to judge them. */
export const files = readdirSync(join(folder, 'dashboards')).map((name) => ({
  name,
  json: JSON.parse(readFileSync(join(folder, 'dashboards', name), 'utf8')) as Dashboard,
}));

/** The time that is shown, and how often Prometheus has a sample; in seconds. */
export interface Shown {
  from: number;
  to: number;
  scrapeEvery: number;
}

/** What is chosen in each variable, ready for a place between quotes with `=~`. */
export type Chosen = Record<string, string>;

/** As Grafana writes several values into a query for Prometheus. */
export const several = (values: string[]): string =>
  values.length === 1 ? escape(values[0] ?? '') : `(${values.map(escape).join('|')})`;

const escape = (value: string): string =>
  value.replace(/\\/g, '\\\\\\\\').replace(/[$^*{}[\]'+?.()|]/g, '\\\\$&');

/** The expression as Grafana sends it: no variable is left. */
export function substituted(expression: string, chosen: Chosen, shown: Shown): string {
  const step = stepOf(shown);
  const values: Chosen = {
    ...chosen,
    __rate_interval: `${Math.max(step + shown.scrapeEvery, 4 * shown.scrapeEvery)}s`,
    __interval: `${step}s`,
    __range: `${Math.ceil(shown.to - shown.from)}s`,
    __from: String(Math.floor(shown.from * 1000)),
  };
  return expression.replace(/\$(\w+)|\$\{(\w+)(?::\w+)?\}/g, (text, bare, braced) => {
    const value = values[String(bare ?? braced)];
    if (value === undefined) throw new Error(`${text} is no variable: ${expression}`);
    return value;
  });
}

/** Of the shortest time that is worth a look, every sample. */
const stepOf = ({ scrapeEvery }: Shown): number => scrapeEvery;

interface Reply<T> {
  status: string;
  error?: string;
  data: T;
}

async function ask<T>({ url }: Prometheus, path: string, query: string, shown: Shown): Promise<T> {
  const body = new URLSearchParams({
    query,
    start: String(shown.from),
    end: String(shown.to),
    step: String(stepOf(shown)),
  });
  const answer = await fetch(`${url}/api/v1/${path}`, { method: 'POST', body });
  const { status, error, data } = (await answer.json()) as Reply<T>;
  if (status !== 'success') throw new Error(error);
  return data;
}

/** The values of all series over the time that is shown. */
export async function valuesOf(
  prometheus: Prometheus,
  query: string,
  shown: Shown,
): Promise<number[]> {
  const { result } = await ask<{ result: { values: [number, string][] }[] }>(
    prometheus,
    'query_range',
    query,
    shown,
  );
  return result.flatMap(({ values }) => values.map(([, value]) => Number(value)));
}

/** The labels of the exemplars of the metrics in a query. */
export async function exemplarsOf(
  prometheus: Prometheus,
  query: string,
  shown: Shown,
): Promise<Record<string, string>[]> {
  const series = await ask<{ exemplars: { labels: Record<string, string> }[] }[]>(
    prometheus,
    'query_exemplars',
    query,
    shown,
  );
  return series.flatMap(({ exemplars }) => exemplars.map(({ labels }) => labels));
}

/** What a variable of the form `label_values(selector, label)` offers. */
export async function options(
  { url }: Prometheus,
  variable: QueryVariable,
  chosen: Chosen,
  shown: Shown,
): Promise<string[]> {
  const [, selector = '', label = ''] =
    /^label_values\((.+), *(\w+)\)$/.exec(variable.query.query) ?? [];
  const query = new URLSearchParams({ 'match[]': substituted(selector, chosen, shown) });
  const answer = await fetch(`${url}/api/v1/label/${label}/values?${query.toString()}`);
  const { data } = (await answer.json()) as { data: string[] | undefined };
  return data ?? [];
}
