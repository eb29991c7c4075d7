import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { root } from './process.js';

/** Where Prometheus' files are. */
export const prometheusFolder = join(root, 'infra/monitoring/prometheus');

/** A rule of infra/monitoring/prometheus/rules/alerts.yml. */
export interface AlertRule {
  alert: string;
  expr: string;
  for?: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

interface Rules {
  groups: { rules: (AlertRule & { record?: string })[] }[];
}

function rulesOf(file: string): Rules['groups'][0]['rules'] {
  const { groups } = parse(readFileSync(join(prometheusFolder, 'rules', file), 'utf8')) as Rules;
  return groups.flatMap(({ rules }) => rules);
}

export const alertRules: AlertRule[] = rulesOf('alerts.yml');
export const recordingRules = rulesOf('recording.yml') as unknown as {
  record: string;
  expr: string;
}[];

const keywords = /^(and|or|unless|by|without|on|ignoring|group_left|group_right|offset|bool)$/;

/** The metrics that an expression asks for. */
export function metricsOf(expression: string): string[] {
  const bare = expression
    .replaceAll(/\{[^}]*\}|\[[^\]]*\]/g, ' ') // matchers and ranges
    .replaceAll(/\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, ' ');
  const names = bare.match(/(?<![\w.])[a-zA-Z_:][\w:]*\b(?!\s*\()/g) ?? [];
  return [...new Set(names)].filter((name) => !keywords.test(name));
}
