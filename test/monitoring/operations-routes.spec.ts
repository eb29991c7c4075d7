import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { operationsPath } from '../../src/platform/http/operations-path.js';
import { root } from '../support/process.js';

const read = (file: string) => readFileSync(join(root, file), 'utf8');

/** Where routes of operations are taken out of users' traffic. */
const places = [
  ...['recording', 'alerts'].map((name) => `infra/monitoring/prometheus/rules/${name}.yml`),
  ...globSync('infra/monitoring/grafana/{src/*.ts,dashboards/*.json}', { cwd: root }),
  'docs/slo.md',
];
const matchersIn = (file: string) =>
  [...read(file).matchAll(/["\\'](\/metrics\|[^"\\']+)/g)].map(([, matcher = '']) => matcher);
const matchers = places.flatMap(matchersIn);
const [matcher = ''] = matchers;

describe('the routes of operations', () => {
  it('are the same for every rule, dashboard and document', () => {
    for (const file of places.slice(0, 2)) expect(matchersIn(file)).not.toEqual([]);
    expect(matchersIn('infra/monitoring/grafana/src/promql.ts')).toHaveLength(1);
    expect(matchersIn('docs/slo.md')).toHaveLength(1);
    expect(new Set(matchers)).toEqual(new Set([matcher]));
  });

  it('are those that the application never sheds', () => {
    const words = (pattern: string) => (pattern.match(/[a-z]{3,}/g) ?? []).sort();
    expect(words(matcher)).toEqual(words(operationsPath.source));
  });

  /** As Prometheus reads it: anchored at both ends. */
  const isTakenOut = (route: string) => new RegExp(`^(?:${matcher})$`).test(route);
  const ofOperations = [
    ...['/metrics', '/readyz', '/healthz', '/healthz/live', '/healthz/ready', '/ops/breakers'],
    ...['/ops/flags/:name', '/console', '/console/', '/console/stream', '/console/*'],
  ];
  const ofUsers = Object.keys((JSON.parse(read('docs/openapi.json')) as { paths: object }).paths)
    .filter((path) => path.startsWith('/api/') || path.startsWith('/.well-known/'))
    .map((path) => path.replaceAll(/\{(\w+)\}/g, ':$1'))
    .concat('shed', 'refused', 'unmatched');

  it.each([...ofOperations, ...ofUsers])('means %s in both, or in neither', (route) => {
    expect(isTakenOut(route)).toBe(operationsPath.test(route));
  });

  it('are some, and users have some', () => {
    expect(ofOperations.every(isTakenOut)).toBe(true);
    expect(ofUsers.filter((route) => !isTakenOut(route)).length).toBeGreaterThan(10);
  });
});
