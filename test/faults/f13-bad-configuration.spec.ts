import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { failedStart } from '../support/failed-start.js';
import { shortest, timed } from '../support/shortest.js';

const PROMISED_MS = 5000;

describe('bad configuration: exit 1 within 5 s, every wrong key named', () => {
  let database: TestDatabase;
  let folder: string;
  beforeAll(async () => {
    database = await createDatabase();
    folder = mkdtempSync(join(tmpdir(), 'mainstay-start-'));
  });
  afterAll(async () => {
    await database.drop();
    rmSync(folder, { recursive: true });
  });
  const failure = async (env: Record<string, string>): Promise<string> => {
    let said = '';
    const settings = { DATABASE_URL: database.url, MAINSTAY_DATA_DIR: folder, ...env };
    const start = async () => (said = await failedStart(settings));
    const took = await shortest(PROMISED_MS, () => timed(start));
    expect(took).toBeLessThanOrEqual(PROMISED_MS);
    return said;
  };

  it('F13 a configuration with several wrong keys, all of them named, no secret shown', async () => {
    const said = await failure({
      PORT: 'eighty',
      TRUSTED_PROXIES: 'gateway',
      INTERNAL_CIDRS: '10.0.0.0/33',
      MAINSTAY__DATABASE__POOL__BUDGET: '0',
      MAINSTAY__LOGGING__FORMAT: 'xml',
      MAINSTAY__NO__SUCH_KEY: '1',
      AUTH_KEY_ENCRYPTION_KEY: 'short-secret',
    });
    for (const key of [
      'http.port',
      'security.trustedProxies.0',
      'security.internalCidrs.0',
      'database.pool.budget',
      'logging.format',
      'MAINSTAY__NO__SUCH_KEY',
      'auth.keyEncryptionKey',
    ]) {
      expect(said).toContain(key);
    }
    expect(said).toContain('7 problems');
    expect(said).not.toContain('short-secret');
  });

  it('F13 a configuration file that is not YAML, or names what does not exist', async () => {
    const config = join(folder, 'config');
    mkdirSync(config);
    writeFileSync(
      join(config, 'default.yaml'),
      'http:\n  prot: 3000\nhtpp:\n  port: 1\nflags:\n  posts.feed: {}\n',
    );
    const said = await failure({ MAINSTAY_CONFIG_DIR: config });
    expect(said).toContain('htpp: no such section (config/default.yaml)');
    expect(said).toMatch(/http\.prot: no such key; there are .*port.*default\.yaml/);
    expect(said).toMatch(/flags\.posts\.feed: no such key; there are .*posts\.feed-cache/);
    writeFileSync(join(config, 'default.yaml'), 'http: [');
    expect(await failure({ MAINSTAY_CONFIG_DIR: config })).toContain('default.yaml');
  });

  it('F13 an environment that is misspelt, or a folder that is not there', async () => {
    const said = await failure({ NODE_ENV: 'prod', MAINSTAY_CONFIG_DIR: join(folder, 'nowhere') });
    expect(said).toContain('NODE_ENV: expected development, test or production');
    expect(said).toContain(`MAINSTAY_CONFIG_DIR: there is no folder "${join(folder, 'nowhere')}"`);
  });

  it('F13 production without its secrets, or on the embedded database', async () => {
    const said = await failure({ NODE_ENV: 'production', DATABASE_URL: '' });
    expect(said).toContain('database.url: required in production');
    expect(said).toContain('auth.keyEncryptionKey: required in production');
  });
});
