import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from '../support/client.js';
import { createInstances } from '../support/instances.js';
import { startMailServer } from '../support/mail-server.js';
import { startOtlpReceiver, type OtlpReceiver } from '../support/otlp-receiver.js';
import { freePort } from '../support/process.js';
import { startPrometheus, type Prometheus } from '../support/prometheus.js';
import {
  exemplarsOf,
  files,
  options,
  several,
  substituted,
  valuesOf,
} from './dashboards/grafana.js';
import type { Chosen, Shown } from './dashboards/grafana.js';
import { needs, zeroIsWell } from './dashboards/known-metrics.js';
import { mentions } from './dashboards/queries.js';
import { settings, touchEverything, weakSettings } from './dashboards/touch-everything.js';

const SCRAPE_SECONDS = 1;
/** How long the load may take until every panel shows something. */
const PATIENCE_MS = 180_000;

/** A query, and what a failure calls it. */
interface Query {
  name: string;
  expr: string;
  instant: boolean;
}

const queries: Query[] = files.flatMap(({ json: { title, panels } }) =>
  panels.flatMap((panel) =>
    panel.targets.map(({ legendFormat, expr, instant }) => ({
      name: `${title} / ${panel.title} / ${legendFormat}`,
      expr,
      instant,
    })),
  ),
);
/** Whether there is in this test what it asks for. */
const exists = ({ expr }: Query): boolean => !mentions(expr).some(({ metric }) => metric in needs);

describe('dashboards on a Prometheus that scrapes the application', () => {
  const startedAt = Date.now() / 1000;
  /** What was started, the last first: a start that fails halfway leaves nothing behind. */
  const ends: (() => Promise<void> | void)[] = [];
  let folder: string;
  let traces: OtlpReceiver;
  let prometheus: Prometheus;
  let well: Client;
  let weak: Client;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mainstay-dashboards-'));
    ends.unshift(() => rmSync(folder, { recursive: true }));
    traces = await startOtlpReceiver();
    ends.unshift(() => traces.stop());
    const port = await freePort();
    const mail = await startMailServer(port);
    ends.unshift(() => mail.stop());
    const instances = await createInstances();
    ends.unshift(() => instances.clean());
    const env = {
      ...settings,
      REDIS_URL: process.env['TEST_REDIS_URL'] ?? '',
      SMTP_URL: `smtp://127.0.0.1:${port}`,
    };
    const traced = { ...env, ...traces.env, MAINSTAY__TRACING__SAMPLE_RATIO: '1' };
    ({ client: well } = await instances.start(traced));
    ({ client: weak } = await instances.start({ ...env, ...weakSettings }));
    const args = ['--enable-feature=exemplar-storage'];
    prometheus = await startPrometheus({ config: scrape([well, weak]), folder, args });
    ends.unshift(() => prometheus.stop());
    ends.unshift(await touchEverything(well, weak));
  });
  afterAll(async () => {
    const faults: unknown[] = [];
    for (const end of ends) {
      try {
        await end();
      } catch (error) {
        faults.push(error);
      }
    }
    expect(faults).toEqual([]);
  });

  /** As infra/monitoring/prometheus/prometheus.yml does it, only more often. */
  function scrape(clients: Client[]): string {
    const path = join(folder, 'prometheus.yml');
    const static_configs = [{ targets: clients.map(hostOf), labels: { role: 'all' } }];
    const config = {
      global: { scrape_interval: `${SCRAPE_SECONDS}s`, scrape_timeout: `${SCRAPE_SECONDS}s` },
      scrape_configs: [{ job_name: 'mainstay', static_configs }],
    };
    writeFileSync(path, JSON.stringify(config)); // which is YAML
    return path;
  }
  const hostOf = ({ url }: Client): string => new URL(url).host;

  /** From before the start until now: a deploy and restarts are in it. */
  const shown = (): Shown => ({
    from: startedAt - 30,
    to: Date.now() / 1000,
    scrapeEvery: SCRAPE_SECONDS,
  });
  const all: Chosen = { job: 'mainstay', instance: '.*', route: '.*' };

  /** By name, why these queries show nothing that is worth a look; empty when all of them do. */
  async function failures(given: Query[], chosen: Chosen): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    for (const query of given) {
      const sent = substituted(query.expr, chosen, shown());
      const why = await failure(query, sent).catch(String);
      if (why !== undefined) found.set(query.name, `${query.name}: ${why}: ${sent}`);
    }
    return found;
  }

  async function failure({ name, instant }: Query, sent: string): Promise<string | undefined> {
    const values = instant
      ? (await prometheus.query(sent)).map(({ value }) => value)
      : await valuesOf(prometheus, sent, shown());
    if (values.length === 0) return 'no data';
    const numbers = values.filter((value) => !Number.isNaN(value));
    if (numbers.length === 0) return 'only NaN';
    return zeroIsWell.has(name) || numbers.some((value) => value !== 0) ? undefined : 'only zeros';
  }

  /** Each shows something at some time: what is of this moment only need not do so together with the others. */
  async function allShow(given: Query[], chosen: Chosen): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    for (let left = given; ;) {
      const found = await failures(left, chosen);
      if (found.size === 0) return;
      if (Date.now() > deadline) throw new Error([...found.values()].join('\n'));
      left = left.filter(({ name }) => found.has(name));
      await pause(SCRAPE_SECONDS * 1000); // before the next scrape there is nothing new
    }
  }

  it(
    'show something in every panel, but for what does not exist yet',
    () => allShow(queries.filter(exists), all),
    2 * PATIENCE_MS,
  );

  it.each(files.map(({ json }) => [json.title, json] as const))(
    '%s marks the deploy once, and the start of both processes',
    async (_title, { annotations }) => {
      const marks = Object.fromEntries(annotations.list.map(({ name, expr }) => [name, expr]));
      const deploys = substituted(marks['Deploy'] ?? '', all, shown());
      expect(await valuesOf(prometheus, deploys, shown())).toHaveLength(1);
      const starts = await prometheus.query(substituted(marks['Restart'] ?? '', all, shown()));
      expect(new Set(starts.map(({ labels }) => labels['instance'])).size).toBe(2);
      for (const { value, labels } of starts) {
        expect(value).toBeGreaterThan(startedAt * 1000 - 1000); // its clock has whole seconds
        expect(value).toBeLessThan(Date.now());
        expect(labels).toMatchObject({ role: 'all', version: expect.any(String) });
      }
    },
  );

  it.each(files.map(({ json }) => [json.title, json] as const))(
    '%s offers values in its variables, and shows something for what is chosen',
    async (title, { templating }) => {
      const chosen: Chosen = {};
      for (const variable of templating.list) {
        if (variable.type !== 'query') continue;
        const values = await options(prometheus, variable, chosen, shown());
        expect(values.length).toBeGreaterThanOrEqual(variable.name === 'instance' ? 2 : 1);
        chosen[variable.name] = several(values);
      }
      const own = queries.filter((query) => query.name.startsWith(`${title} / `) && exists(query));
      await allShow(own, chosen);

      // Some things happen on one of the two only.
      const first = await failures(own, { ...chosen, instance: several([hostOf(well)]) });
      const left = own.filter(({ name }) => first.has(name));
      expect(left.length).toBeLessThan(own.length);
      await allShow(left, { ...chosen, instance: several([hostOf(weak)]) });
    },
    3 * PATIENCE_MS,
  );

  it('lead from latencies to traces', async () => {
    const traced = files
      .flatMap(({ json }) => json.panels.flatMap(({ targets }) => targets))
      .filter(({ exemplar }) => exemplar);
    expect(traced.length).toBeGreaterThan(0);
    for (const { expr } of traced) {
      const found = await exemplarsOf(prometheus, substituted(expr, all, shown()), shown());
      // The label that provisioning/datasources makes a link of.
      const ids = new Set(traces.spans.map(({ traceId }) => traceId));
      expect(found.some((labels) => ids.has(labels['trace_id'] ?? ''))).toBe(true);
    }
  });

  it('ask for what does not exist yet in valid queries', async () => {
    const found = await failures(
      queries.filter((query) => !exists(query)),
      all,
    );
    expect([...found.values()].filter((why) => !why.includes(': no data: '))).toEqual([]);
  });

  it('know what exists: a metric that has come is off the list of the missing ones', async () => {
    const { text } = await well.get<string>('/metrics');
    const there = text.split('\n').filter((line) => /^[a-z].* (?!0$)\S+$/.test(line));
    const names = new Set(there.map((line) => /^\w+/.exec(line)?.[0] ?? ''));
    expect(names).toContain('event_log_position');
    expect(Object.keys(needs).filter((metric) => names.has(metric))).toEqual([]);
  });
});
