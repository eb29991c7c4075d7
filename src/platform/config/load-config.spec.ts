import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { documentConfig } from './document-config.js';
import { ConfigurationError, loadConfig, reloadSection, valueOf } from './load-config.js';
import { printConfig } from './print-config.js';
import { defineSection } from './section.js';

const sample = defineSection(
  'sample',
  {
    port: z
      .int()
      .min(1)
      .max(65_535)
      .default(3000)
      .meta({ env: 'SAMPLE_PORT', description: 'A port.' }),
    enabled: z.boolean().default(true),
    names: z.array(z.string()).default(['a']),
    pool: z.strictObject({ maxIdle: z.int().default(2) }).prefault({}),
    token: z.string().min(8).optional().meta({ env: 'SAMPLE_TOKEN', secret: true }),
  },
  (value): Record<string, string> => (value.token ? {} : { token: 'required in production' }),
);

describe('loadConfig', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'mainstay-config-'));
    writeFileSync(join(folder, 'default.yaml'), 'sample:\n  port: 1000\n  names: [x, y]\n');
    writeFileSync(join(folder, 'staging.yaml'), 'sample:\n  port: 2000\n');
    writeFileSync(join(folder, 'token'), 'from a file\n');
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const load = (env: NodeJS.ProcessEnv = {}) => valueOf(loadConfig(env, folder), sample);
  const problems = (env: NodeJS.ProcessEnv): string[] => {
    try {
      load(env);
    } catch (error) {
      if (error instanceof ConfigurationError) return error.problems;
      throw error;
    }
    return [];
  };

  it('lays default.yaml, the environment’s file and the environment over each other', () => {
    expect(load()).toMatchObject({
      port: 1000,
      names: ['x', 'y'],
      pool: { maxIdle: 2 },
      enabled: true,
    });
    expect(load({ NODE_ENV: 'staging' }).port).toBe(2000);
    expect(load({ NODE_ENV: 'staging', SAMPLE_PORT: '3001' }).port).toBe(3001);
    expect(load({ SAMPLE_PORT: '3001', MAINSTAY__SAMPLE__PORT: '3002' }).port).toBe(3002);
  });

  it('reads every type from a variable, under any spelling of camelCase', () => {
    const env = {
      MAINSTAY__SAMPLE__ENABLED: 'off',
      MAINSTAY__SAMPLE__NAMES: 'one, two',
      MAINSTAY__SAMPLE__POOL__MAX_IDLE: '7',
    };
    expect(load(env)).toMatchObject({
      enabled: false,
      names: ['one', 'two'],
      pool: { maxIdle: 7 },
    });
    expect(load({ MAINSTAY__SAMPLE__POOL__MAXIDLE: '8' }).pool.maxIdle).toBe(8);
  });

  it('takes a secret from a file', () => {
    expect(load({ SAMPLE_TOKEN_FILE: join(folder, 'token') }).token).toBe('from a file');
    expect(problems({ SAMPLE_TOKEN_FILE: join(folder, 'none') })).toEqual([
      expect.stringContaining('SAMPLE_TOKEN_FILE: cannot read'),
    ]);
  });

  it('names all wrong keys at once, and where they were set', () => {
    expect(
      problems({
        SAMPLE_PORT: 'x',
        MAINSTAY__SAMPLE__ENABLED: 'maybe',
        MAINSTAY__SAMPLE__NONE: '1',
      }),
    ).toEqual([
      expect.stringMatching(/^MAINSTAY__SAMPLE__NONE: no such key/),
      expect.stringMatching(/^sample\.port: .*\(set by SAMPLE_PORT\)$/),
      expect.stringMatching(/^sample\.enabled: .*\(set by MAINSTAY__SAMPLE__ENABLED\)$/),
    ]);
  });

  it('names the keys that there are for one that is not, and the list that a wrong item is in', () => {
    writeFileSync(join(folder, 'wrong.yaml'), 'sample:\n  pool: { idle: 1 }\n  names: [1]\n');
    expect(problems({ NODE_ENV: 'wrong' })).toEqual([
      expect.stringMatching(/^sample\.names\.0: .*\(set by config\/wrong\.yaml\)$/),
      'sample.pool.idle: no such key; there are maxIdle (set by config/wrong.yaml)',
    ]);
  });

  it('reads one section again, the environment still over it', () => {
    const file = join(folder, 'moving.yaml');
    const again = (env: NodeJS.ProcessEnv = {}) =>
      reloadSection(sample, { NODE_ENV: 'moving', ...env }, folder);
    writeFileSync(file, 'sample: { port: 4000 }\n');
    expect(again().port).toBe(4000);
    writeFileSync(file, 'sample: { port: 4001, enabled: false }\n');
    expect(again({ SAMPLE_PORT: '4002' })).toMatchObject({ port: 4002, enabled: false });
    writeFileSync(file, 'sample: { port: 0 }\n');
    expect(() => again()).toThrow(/sample\.port: .*moving\.yaml/);
    writeFileSync(file, 'sample: {\n');
    expect(() => again()).toThrow(/moving\.yaml: /);
  });

  it('asks for more in production', () => {
    expect(problems({ NODE_ENV: 'production' })).toEqual(['sample.token: required in production']);
    expect(problems({ NODE_ENV: 'production', SAMPLE_TOKEN: 'long enough' })).toEqual([]);
  });

  it('never prints a secret', () => {
    const configuration = loadConfig({ SAMPLE_TOKEN: 'the secret value' }, folder);
    expect(printConfig(configuration)).toContain('sample.token = (set)');
    expect(printConfig(configuration)).not.toContain('the secret value');
    expect(problems({ SAMPLE_TOKEN: 'short' }).join()).not.toContain('short"');
  });

  it('documents every key with its default and its variable', () => {
    expect(documentConfig()).toContain('| `sample.port` | `3000` | `SAMPLE_PORT` | A port. |');
    expect(documentConfig()).toContain('`MAINSTAY__SAMPLE__POOL__MAX_IDLE`');
  });
});
