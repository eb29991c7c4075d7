import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import type { Json } from '../support/client.js';
import { root } from '../support/process.js';
import { files, folder } from './dashboards/grafana.js';
import { known, own } from './dashboards/known-metrics.js';
import { groupings, mentions, placeholders } from './dashboards/queries.js';
import { dashboardSchema, type Dashboard } from './dashboards/schema.js';

const OF_THE_SCRAPE = ['job', 'instance'];
const COUNTED = /_(total|bucket|sum|count)$/;
/** Backups are made by whoever makes them, not by an instance. */
const OF_NO_INSTANCE = 'backup_';

/** Every expression of a dashboard with what names its results, and where it stands. */
const expressions = ({ panels, annotations }: Dashboard) => [
  ...panels.flatMap(({ title, targets }) =>
    targets.map(({ expr, legendFormat }) => ({ where: title, expr, named: legendFormat })),
  ),
  ...annotations.list.map(({ name, expr, textFormat }) => ({
    where: name,
    expr,
    named: textFormat,
  })),
];

describe.each(files)('$name', ({ name, json }) => {
  it('is what Grafana reads', () => {
    expect(dashboardSchema.safeParse(json).error).toBeUndefined();
    expect(`mainstay-${name}`).toBe(`${json.uid}.json`);
  });

  it('has panels of their own names and numbers', () => {
    for (const key of ['id', 'title'] as const) {
      const values = json.panels.map((panel) => panel[key]);
      expect(new Set<unknown>(values).size).toBe(values.length);
    }
    for (const { targets } of json.panels)
      expect(targets.map(({ refId }) => refId)).toEqual(
        ['A', 'B', 'C', 'D', 'E'].slice(0, targets.length),
      );
  });

  it('has every panel within the 24 columns and none over another', () => {
    const taken = new Map<string, string>();
    for (const { title, gridPos } of json.panels) {
      const { x, y, w, h } = gridPos;
      expect(x + w).toBeLessThanOrEqual(24);
      for (let column = x; column < x + w; column++) {
        for (let row = y; row < y + h; row++) {
          expect([title, taken.get(`${column} ${row}`)]).toEqual([title, undefined]);
          taken.set(`${column} ${row}`, title);
        }
      }
    }
  });

  it('begins with the numbers that matter first', () => {
    expect(json.panels.slice(0, 4).map(({ type }) => type)).toEqual(Array(4).fill('stat'));
  });

  it('declares the variables that it uses, and no others', () => {
    const { templating, ...rest } = json;
    const declared = templating.list.map((variable) => variable.name);
    const used = [...JSON.stringify(rest).matchAll(/\$\{?(?!__)([a-z]\w*)/g)].map(([, it]) => it);
    expect(new Set(used)).toEqual(new Set(declared));
  });

  it('names known metrics, and labels that they have', () => {
    for (const { where, expr, named } of expressions(json)) {
      const found = mentions(expr);
      expect([where, found.length > 0]).toEqual([where, true]);
      for (const { metric, written, labels } of found) {
        expect(Object.keys(known)).toContain(metric);
        for (const label of labels)
          expect([...OF_THE_SCRAPE, ...(known[metric] ?? [])]).toContain(label);
        // A selector of ours that is not for the chosen instances shows those of somebody else.
        if (own.includes(metric) && !metric.startsWith(OF_NO_INSTANCE))
          expect([written, ...labels]).toEqual(expect.arrayContaining(OF_THE_SCRAPE));
      }
      const theirs = found.flatMap(({ metric }) => known[metric] ?? []);
      for (const label of [...groupings(expr), ...placeholders(named)])
        expect([...OF_THE_SCRAPE, 'le', ...theirs]).toContain(label);
    }
  });

  it('shows the rate of what only grows, never its count', () => {
    for (const { where, expr } of expressions(json)) {
      for (const { written, inside } of mentions(expr)) {
        if (COUNTED.test(written))
          expect([where, ['rate', 'increase']]).toEqual([where, expect.arrayContaining([inside])]);
      }
    }
  });

  it('has its latencies in seconds', () => {
    for (const { title, fieldConfig, targets } of json.panels) {
      const { unit } = fieldConfig.defaults;
      const times = targets.some(({ expr }) => expr.includes('histogram_quantile'));
      if (times) expect([title, unit]).toEqual([title, 's']);
    }
  });

  it('leads from the latency of requests to traces', () => {
    for (const { type, targets } of json.panels) {
      for (const { expr, exemplar } of targets)
        expect(exemplar).toBe(
          type === 'timeseries' && expr.includes('http_request_duration_seconds_bucket'),
        );
    }
  });
});

describe('the dashboards', () => {
  it('show every metric that operators may rely on', () => {
    const used = files
      .flatMap(({ json }) => expressions(json))
      .flatMap(({ expr }) => mentions(expr));
    const shown = new Set(used.map(({ metric }) => metric));
    expect(own.filter((metric) => !shown.has(metric))).toEqual([]);
  });

  it('lead to sections of the runbook that exist', () => {
    const path = join(root, 'docs/runbook.md');
    if (!existsSync(path)) return;
    const headings = readFileSync(path, 'utf8').match(/^#+ .+$/gm) ?? [];
    const anchors = headings.map((line) => line.replace(/^#+ /, '').toLowerCase());
    for (const { json } of files) {
      for (const { url } of json.panels.flatMap((panel) => panel.links))
        expect(anchors).toContain(url.slice(url.indexOf('#') + 1));
    }
  });

  it('are provisioned, with sources that lead to each other by the trace id', () => {
    const read = (path: string) => parse(readFileSync(join(folder, 'provisioning', path), 'utf8'));
    const { providers } = read('dashboards/mainstay.yml');
    expect(providers).toHaveLength(1);
    expect(providers[0]).toMatchObject({ type: 'file', allowUiUpdates: false });

    const { datasources } = read('datasources/mainstay.yml');
    const types = Object.fromEntries(datasources.map(({ uid, type }: Json) => [uid, type]));
    expect(types).toEqual({ prometheus: 'prometheus', tempo: 'tempo', loki: 'loki' });
    const [prometheus, tempo, loki] = datasources.map(({ jsonData }: Json) => jsonData);
    expect(prometheus.exemplarTraceIdDestinations).toEqual([
      { name: 'trace_id', datasourceUid: 'tempo' },
    ]);
    expect(tempo.tracesToLogsV2.datasourceUid).toBe('loki');
    const [trace] = loki.derivedFields;
    expect([trace.name, trace.datasourceUid]).toEqual(['trace_id', 'tempo']);
    const record = JSON.stringify({ msg: 'well', trace_id: '0af7651916cd43dd8448eb211c80319c' });
    expect(new RegExp(trace.matcherRegex).exec(record)?.[1]).toBe(
      '0af7651916cd43dd8448eb211c80319c',
    );
  });
});
