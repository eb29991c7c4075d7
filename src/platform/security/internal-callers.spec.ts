import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { AppError } from '../errors/app-error.js';
import { setLevel } from '../logging/logger.js';
import { InternalCallers } from './internal-callers.js';

const [one, two] = ['the first key of thirty-two letters', 'the second key of thirty-two letters'];
const callers = (...internalApiKeys: string[]) =>
  new InternalCallers({ internalCidrs: ['10.0.0.0/8'], trustedProxies: [], internalApiKeys });
const refusal = (ask: () => unknown): string | undefined => {
  try {
    ask();
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
  return undefined;
};

describe('InternalCallers', () => {
  const { NODE_ENV: environment, MAINSTAY_DATA_DIR: before } = process.env;
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'mainstay-keys-'));
    process.env['MAINSTAY_DATA_DIR'] = folder;
  });
  afterEach(() => {
    process.env['NODE_ENV'] = environment;
  });
  afterAll(() => {
    if (before === undefined) delete process.env['MAINSTAY_DATA_DIR'];
    else process.env['MAINSTAY_DATA_DIR'] = before;
    rmSync(folder, { recursive: true });
  });

  it('takes either of two keys from inside, so that they can be changed one after the other', () => {
    expect(callers(one, two).holdsKey('10.0.0.1', one)).toBe(true);
    expect(callers(one, two).holdsKey('10.0.0.1', two)).toBe(true);
    expect(callers(one, two).holdsKey('10.0.0.1', undefined)).toBe(false);
  });

  it.each(['', one.slice(1), `${one} `, `${one},${two}`])('refuses "%s" from inside', (key) => {
    expect(refusal(() => callers(one, two).holdsKey('10.0.0.1', key))).toBe('invalid_internal_key');
  });

  it('gives nothing for a key from outside, right or wrong', () => {
    expect(callers(one).holdsKey('11.0.0.1', one)).toBe(false);
    expect(callers(one).holdsKey('11.0.0.1', 'wrong')).toBe(false);
  });

  it('makes a key of its own in development, and keeps it for its owner alone', () => {
    callers();
    const file = join(folder, 'internal-api-key');
    const key = readFileSync(file, 'utf8').trim();
    expect(key.length).toBeGreaterThanOrEqual(32);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(callers().holdsKey('10.0.0.1', key)).toBe(true);
    expect(refusal(() => callers(one).holdsKey('10.0.0.1', key))).toBe('invalid_internal_key');
  });

  it('does without one where none can be kept', () => {
    setLevel('security', 'silent');
    writeFileSync(join(folder, 'a-file'), '');
    process.env['MAINSTAY_DATA_DIR'] = join(folder, 'a-file');
    expect(callers().holdsKey('10.0.0.1', one)).toBe(false);
    process.env['MAINSTAY_DATA_DIR'] = folder;
  });

  it('knows no key in production without a configured one', () => {
    callers();
    process.env['NODE_ENV'] = 'production';
    const key = readFileSync(join(folder, 'internal-api-key'), 'utf8').trim();
    expect(callers().holdsKey('10.0.0.1', key)).toBe(false);
  });
});
