import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { root } from '../support/process.js';

interface Collector {
  extensions: object;
  receivers: object;
  processors: object;
  connectors: object;
  exporters: object;
  service: {
    extensions: string[];
    pipelines: Record<string, { receivers: string[]; processors?: string[]; exporters: string[] }>;
  };
}

/** No collector can be installed where the tests run: what is checked is that its parts fit together. */
describe('the collector’s configuration', () => {
  const text = readFileSync(join(root, 'infra/tracing/otel-collector.yaml'), 'utf8');
  const collector = parse(text) as Collector;
  const { service } = collector;
  const pipelines = Object.values(service.pipelines);

  it('uses every part that it defines, and no other', () => {
    const used = {
      extensions: service.extensions,
      receivers: pipelines.flatMap(({ receivers }) => receivers),
      processors: pipelines.flatMap(({ processors = [] }) => processors),
      exporters: pipelines.flatMap(({ exporters }) => exporters),
    };
    const connectors = Object.keys(collector.connectors);
    const names = (part: object): string[] => Object.keys(part).sort();
    const without = (list: string[]): string[] =>
      [...new Set(list)].filter((name) => !connectors.includes(name)).sort();
    expect(without(used.extensions)).toEqual(names(collector.extensions));
    expect(without(used.receivers)).toEqual(names(collector.receivers));
    expect(without(used.processors)).toEqual(names(collector.processors));
    expect(without(used.exporters)).toEqual(names(collector.exporters));
    for (const connector of connectors) {
      expect(used.exporters).toContain(connector);
      expect(used.receivers).toContain(connector);
    }
  });

  it('limits its memory first, and labels nothing by what is unbounded', () => {
    expect(service.pipelines['traces']?.processors?.[0]).toBe('memory_limiter');
    const { spanmetrics } = collector.connectors as {
      spanmetrics: { dimensions: { name: string }[]; aggregation_cardinality_limit: number };
    };
    const bounded = ['http.response.status_code', 'error.type'];
    expect(spanmetrics.dimensions.map(({ name }) => name)).toEqual(bounded);
    expect(spanmetrics.aggregation_cardinality_limit).toBeGreaterThan(0);
  });
});
