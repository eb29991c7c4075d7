import { execFile } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { createInstances, type Instances } from '../support/instances.js';
import { root } from '../support/process.js';
import {
  alertRules,
  metricsOf,
  prometheusFolder,
  recordingRules,
} from '../support/shipped-alerts.js';

const promtool = (...args: string[]) =>
  promisify(execFile)('promtool', args, { cwd: prometheusFolder });

const unitTests = globSync('tests/*.test.yml', { cwd: prometheusFolder }).sort();
const names = [...new Set(alertRules.map(({ alert }) => alert))];

describe('rules of Prometheus', () => {
  it('are valid, and so is the configuration', async () => {
    const { stdout } = await promtool('check', 'config', 'prometheus.yml');
    expect(stdout).toContain(`SUCCESS: ${alertRules.length} rules found`);
    expect(stdout).toContain(`SUCCESS: ${recordingRules.length} rules found`);
  });

  it.each(unitTests)(
    'do what %s says',
    async (file) => {
      await promtool('test', 'rules', file);
    },
    120_000,
  );

  it('are those of the contract, with its severities and durations', () => {
    const table = Object.fromEntries(
      alertRules
        .filter(({ labels }) => labels['kind'] === undefined)
        .map(({ alert, labels, for: wait = 'at once' }) => [alert, [labels['severity'], wait]]),
    );
    expect(table).toMatchObject({
      ServiceDown: ['P1', 'at once'],
      HighErrorRate: ['P2', '5m'],
      HighLatency: ['P2', '10m'],
      LowDiskSpace: ['P3', '30m'],
      HighMemory: ['P2', '15m'],
      PoolExhausted: ['P1', 'at once'],
      SocketDrop: ['P2', '1m'],
      BreakerOpen: [expect.stringMatching(/^P[23]$/), '1m'],
      OutboxLag: ['P2', '1m'],
    });
  });
});

describe.each(alertRules)('$alert ($labels.severity)', ({ alert, labels, annotations }) => {
  it('says how bad it is, what is broken, and where to read on', () => {
    expect(labels['severity']).toMatch(/^P[123]$/);
    expect(labels['service']).toMatch(/^(mainstay|postgres|gateway)$/);
    expect(annotations['summary']?.length).toBeGreaterThan(10);
    expect(annotations['description']).toMatch(/^.{40,}(\.|\{\{-? end \}\})$/);
    expect(annotations['runbook_url']).toMatch(
      new RegExp(`^https://\\S+/docs/runbook\\.md#${alert.toLowerCase()}$`),
    );
  });
});

describe.each(names)('%s', (alert) => {
  it('has a section in the runbook', () => {
    const runbook = readFileSync(join(root, 'docs/runbook.md'), 'utf8');
    expect(runbook.split('\n')).toContain(`## ${alert}`);
  });

  it('has a test in which it fires, and one in which it does not', () => {
    const asserted = unitTests
      .flatMap((file) => parse(readFileSync(join(prometheusFolder, file), 'utf8')).tests)
      .flatMap(({ alert_rule_test = [] }) => alert_rule_test)
      .filter(({ alertname }) => alertname === alert)
      .map(({ exp_alerts }) => exp_alerts.length > 0);
    expect(new Set(asserted)).toEqual(new Set([true, false]));
  });
});

describe('metrics that the rules ask for', () => {
  let instances: Instances;
  let exposed: string[];
  beforeAll(async () => {
    instances = await createInstances();
    const { client } = await instances.start();
    const { text } = await client.get<string>('/metrics');
    exposed = [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].flatMap(([, name = '', type]) =>
      type === 'histogram' ? [`${name}_bucket`, `${name}_count`, `${name}_sum`] : [name],
    );
  });
  afterAll(() => instances.clean());

  /** Of Prometheus itself and of exporters: what the application cannot know. */
  const others = [
    'up',
    ...['pg_stat_archiver_failed_count', 'pg_stat_archiver_archived_count'],
    ...['node_filesystem_avail_bytes', 'node_filesystem_size_bytes'],
    'probe_ssl_earliest_cert_expiry',
  ];

  it('are served by the application, or by a known exporter, or are recorded', () => {
    const known = new Set([...exposed, ...others]);
    for (const { record } of recordingRules) known.add(record);
    const strange = [...alertRules, ...recordingRules].flatMap(({ expr }) =>
      metricsOf(expr).filter((name) => !known.has(name)),
    );
    expect(strange).toEqual([]);
  });

  it('are excused only if the application does not serve them, and rules ask for them', () => {
    const asked = new Set(
      [...alertRules, ...recordingRules].flatMap(({ expr }) => metricsOf(expr)),
    );
    expect(others.filter((name) => exposed.includes(name) || !asked.has(name))).toEqual([]);
  });

  it('are found in expressions', () => {
    expect(
      metricsOf('sum by (job) (rate(a_total{b="c d"}[5m] offset 1h)) / on (x) (e:f > 0) or time()'),
    ).toEqual(['a_total', 'e:f']);
  });
});
