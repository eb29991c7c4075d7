import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { root } from '../support/process.js';
import { scaleDuration, scaleTime } from '../support/scale-time.js';

const shipped = [
  'prometheus/prometheus.yml',
  'prometheus/rules/recording.yml',
  'prometheus/rules/alerts.yml',
  'alertmanager/alertmanager.yml',
];
const read = (file: string) => readFileSync(join(root, 'infra/monitoring', file), 'utf8');

describe('scaling time', () => {
  it.each([
    ['5m', '5s'],
    ['1h', '60s'],
    ['1h30m', '90s'],
    ['30d', '43200s'],
    ['15s', '2s'],
    ['20s', '2667ms'],
    ['30s', '4s'],
    ['45s', '4s'],
    ['10s', '2s'],
    ['0s', '0s'],
    ['0', '0s'],
  ])('makes of %s, at 60 times, %s', (given, scaled) => {
    expect(scaleDuration(given, 60)).toBe(scaled);
  });

  it('refuses what is no duration', () => {
    expect(() => scaleDuration('5 minutes', 60)).toThrow('no duration: 5 minutes');
  });

  it('scales waits, ranges and offsets, and leaves thresholds and texts alone', () => {
    const rules = `
      groups:
        - name: five
          interval: 5m
          rules:
            - alert: Slow
              expr: sum(rate(a{route=~"[5m]?x"}[5m] offset 1h)) / max_over_time(b[1d:15m]) > 3600
              for: 10m
              annotations: { summary: 'for 5m, {{ query "rate(a[2m])" }}' }
    `;
    expect(parse(scaleTime(rules, 60)).groups[0]).toEqual({
      name: 'five',
      interval: '5s',
      rules: [
        {
          alert: 'Slow',
          expr: 'sum(rate(a{route=~"[5s]?x"}[5s] offset 60s)) / max_over_time(b[1440s:15s]) > 3600',
          for: '10s',
          annotations: { summary: 'for 5m, {{ query "rate(a[4s])" }}' },
        },
      ],
    });
  });

  it('leaves two scrapes in a range that had two, however fast the clock is', () => {
    const rule = 'min_over_time(a[30s]) + min_over_time(a[15s]) + a offset 30s';
    const scaled = 'min_over_time(a[4s]) + min_over_time(a[2s]) + a offset 4s';
    expect(parse(scaleTime(`expr: ${rule}`, 60))).toEqual({ expr: scaled });
    expect(scaleDuration('30s', 5)).toBe('6s');
  });

  it.each(shipped)('changes nothing but time in %s', (file) => {
    const timeless = (yaml: string) =>
      JSON.stringify(parse(yaml)).replaceAll(/\b\d+(ms|[smhd])\b/g, '');
    expect(timeless(scaleTime(read(file), 60)) === timeless(read(file))).toBe(true);
  });

  it.each(shipped)('leaves no minute, hour or day in %s', (file) => {
    const scaled = scaleTime(read(file), 60);
    expect(scaled.match(/\[\d+[mhdw]\]|offset \d+[mhdw]|^\s*\w+: \d+[mhdw]$/gm)).toBeNull();
  });
});
