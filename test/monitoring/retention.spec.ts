import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { root } from '../support/process.js';
import { alertRules, recordingRules } from '../support/shipped-alerts.js';

const days = { s: 1 / 86_400, m: 1 / 1440, h: 1 / 24, d: 1 };

/** How far back the rules look. Prometheus forgets after 15 days if it is not told otherwise. */
const longest = Math.max(
  ...[...alertRules, ...recordingRules]
    .flatMap(({ expr }) => [...expr.matchAll(/\[(\d+)([smhd])\]/g)])
    .map(([, n, unit]) => Number(n) * days[unit as keyof typeof days]),
);

describe('what Prometheus keeps', () => {
  it('has to be a month', () => {
    expect(longest).toBe(30);
  });

  it.each(['README.md', 'grafana/README.md'])(
    'is enough for the rules, as %s starts it',
    (file) => {
      const text = readFileSync(join(root, 'infra/monitoring', file), 'utf8').replaceAll(
        '\\\n',
        ' ',
      );
      const commands = text.match(/^prometheus .+$/gm) ?? [];
      expect(commands).toHaveLength(1);
      const [, kept] = /--storage\.tsdb\.retention\.time=(\d+)d/.exec(commands[0] ?? '') ?? [];
      expect(Number(kept)).toBeGreaterThan(longest);
    },
  );
});
