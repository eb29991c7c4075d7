import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { createInstances, type Instances } from '../../support/instances.js';
import { root, type LogRecord } from '../../support/process.js';

const text = (file: string): string => readFileSync(join(root, 'infra/logging', file), 'utf8');

/** The sections of a classic Fluent Bit file. */
function sectionsOf(file: string): { section: string; keys: Map<string, string> }[] {
  const sections: { section: string; keys: Map<string, string> }[] = [];
  for (const line of text(file).split('\n')) {
    if (line.trim() === '' || line.trim().startsWith('#')) continue;
    const header = /^\[([A-Z]+)\]$/.exec(line)?.[1];
    if (header !== undefined) {
      sections.push({ section: header, keys: new Map() });
      continue;
    }
    const [, key, value] = /^ {4}([\w.]+) +(\S.*)$/.exec(line) ?? [];
    if (key === undefined || value === undefined) throw new Error(`${file}: ${line}`);
    sections.at(-1)?.keys.set(key, value);
  }
  return sections;
}

describe('the examples of log shipping', () => {
  let instances: Instances;
  let records: LogRecord[];
  beforeAll(async () => {
    instances = await createInstances();
    const { app, client } = await instances.start();
    await client.account('ada');
    await app.stop();
    records = app.logs.filter(({ level }) => level !== undefined);
  });
  afterAll(() => instances.clean());

  it('Fluent Bit finds in every record the time and the labels, and labels are no ids', () => {
    const [output] = sectionsOf('fluent-bit.conf').filter(({ section }) => section === 'OUTPUT');
    const labels = output?.keys.get('Label_Keys')?.split(', ') ?? [];
    expect(labels).toEqual(['$service', '$role', '$level']);
    const values = new Set<string>();
    for (const record of records)
      for (const label of labels) values.add(String(record[label.slice(1)]));
    expect([...values].sort()).toEqual(['all', 'info', 'mainstay']);
    const [input] = sectionsOf('fluent-bit.conf').filter(({ section }) => section === 'INPUT');
    const [parser] = sectionsOf('fluent-bit-parsers.conf');
    expect(parser?.keys.get('Name')).toBe(input?.keys.get('Parser'));
    const timeKey = parser?.keys.get('Time_Key') ?? '';
    expect(parser?.keys.get('Time_Format')).toBe('%Y-%m-%dT%H:%M:%S.%L%z');
    for (const record of records)
      expect(record[timeKey]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it('Loki keeps thirty days and deletes what is older', () => {
    const { limits_config: limits, compactor, schema_config: schema } = parse(text('loki.yaml'));
    expect(limits.retention_period).toBe(`${30 * 24}h`);
    expect(compactor.retention_enabled).toBe(true);
    expect(schema.configs.at(-1)).toMatchObject({ store: 'tsdb', schema: 'v13' });
  });

  it('Filebeat reads lines of JSON as they are', () => {
    const { 'filebeat.inputs': inputs, 'output.elasticsearch': output } = parse(
      text('filebeat.yml'),
    );
    expect(inputs[0].parsers[0].ndjson).toMatchObject({ target: '', expand_keys: true });
    expect(output.hosts).toEqual([expect.stringMatching(/^\$\{ELASTICSEARCH_URL\}$/)]);
  });

  it('the queries ask for fields that there are', () => {
    const asked = [...text('README.md').matchAll(/\\\| json \\\| (\w+)=/g)].map(([, name]) => name);
    expect(asked).toEqual(['request_id', 'trace_id']);
    const request = records.find(({ event }) => event === 'request') ?? {};
    for (const name of asked) expect(Object.keys(request)).toContain(name);
  });
});
