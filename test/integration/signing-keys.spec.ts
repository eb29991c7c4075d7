import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { authConfig } from '../../src/modules/auth/auth.config.js';
import { AuthService } from '../../src/modules/auth/auth.service.js';
import { PgAuditRepository } from '../../src/modules/auth/audit/audit.repository.js';
import { RecordAudit } from '../../src/modules/auth/audit/record-audit.js';
import { IssueAccessToken } from '../../src/modules/auth/keys/issue-access-token.js';
import { KeepKeys } from '../../src/modules/auth/keys/keep-keys.js';
import { KeyEncryption } from '../../src/modules/auth/keys/key-encryption.js';
import { PgKeysRepository } from '../../src/modules/auth/keys/keys.repository.js';
import { MakeKey } from '../../src/modules/auth/keys/make-key.js';
import { RotateKeys } from '../../src/modules/auth/keys/rotate-keys.js';
import { SigningKeys } from '../../src/modules/auth/keys/signing-keys.js';
import type { Jobs } from '../../src/platform/jobs/jobs.js';
import type { Revocations } from '../../src/platform/security/revocations.js';
import { eventually } from '../support/client.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { instance, type Instance } from './support.js';

type AuthDependencies = ConstructorParameters<typeof AuthService>;

const config = authConfig.schema.parse({ keyEncryptionKey: 'k'.repeat(32) });

describe('signing keys', () => {
  let test: TestDatabase;
  let app: Instance;
  let keys: PgKeysRepository;
  let make: MakeKey;

  beforeAll(async () => {
    test = await createDatabase();
    app = await instance(test);
    test.beforeDrop(() => app.lifecycle.stop());
    keys = new PgKeysRepository(app.database);
    make = new MakeKey(new KeyEncryption(config));
  });
  afterAll(() => test.drop());
  beforeEach(async () => {
    await test.pool.query('DELETE FROM auth.signing_keys');
    await signing().load();
  });

  const signing = (encryption = new KeyEncryption(config)) =>
    new SigningKeys(keys, make, encryption, app.bus, app.lifecycle);
  const keeper = () => {
    const audit = new RecordAudit(new PgAuditRepository(app.database));
    const rotate = new RotateKeys(app.database, keys, make, app.bus, audit);
    return new KeepKeys({} as Jobs, keys, rotate, config);
  };
  const states = async () => (await keys.list()).map(({ state }) => state).sort();
  const age = (state: string, column: string, interval: string) =>
    test.pool.query(
      `UPDATE auth.signing_keys SET ${column} = now() - $2::interval WHERE state = $1`,
      [state, interval],
    );

  it('are made once, however many instances start at the same time', async () => {
    await test.pool.query('DELETE FROM auth.signing_keys');
    const instances = Array.from({ length: 4 }, () => signing());
    await Promise.all(instances.map((one) => one.load()));
    expect(await states()).toEqual(['active', 'standby']);
    expect(new Set(instances.map((one) => one.active().kid)).size).toBe(1);
  });

  it('are rotated when they are old, once, by however many jobs', async () => {
    const [before] = (await keys.list()).filter(({ state }) => state === 'standby');
    await age('active', 'activated_at', '29 days');
    await age('standby', 'created_at', '29 days');
    await keeper().execute();
    expect(await states()).toEqual(['active', 'standby']);
    await age('active', 'activated_at', '31 days');
    await Promise.all(Array.from({ length: 4 }, () => keeper().execute()));
    expect(await states()).toEqual(['active', 'retired', 'standby']);
    const active = (await keys.list()).find(({ state }) => state === 'active');
    expect(active?.kid).toBe(before?.kid);
  });

  it('are rotated one after the other when many ask at once', async () => {
    const audit = new RecordAudit(new PgAuditRepository(app.database));
    const rotate = new RotateKeys(app.database, keys, make, app.bus, audit);
    const known = new Set((await keys.list()).map(({ kid }) => kid));
    const held = await test.pool.connect();
    await held.query('BEGIN');
    await held.query('SELECT 1 FROM auth.signing_keys FOR UPDATE');
    const all = Promise.all(Array.from({ length: 3 }, () => rotate.execute()));
    await eventually(async () => {
      const { rows } = await held.query(
        `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      expect(rows).toHaveLength(3);
    }).finally(() => held.query('COMMIT'));
    held.release();
    const rotations = await all;
    for (const { standby } of rotations) known.add(standby);
    // Each activates what was the standby key before it, which everybody could know.
    expect(new Set(rotations.map(({ active }) => active)).size).toBe(3);
    for (const { active, standby } of rotations) {
      expect(known).toContain(active);
      expect(active).not.toBe(standby);
    }
    const last = rotations.filter(({ standby }) => !rotations.some((o) => o.active === standby));
    const stored = await keys.list();
    expect(stored.find(({ state }) => state === 'standby')?.kid).toBe(last[0]?.standby);
    expect(last).toHaveLength(1);
  });

  it('do not sign once they are known to be revoked, though the bus told nobody of the next one', async () => {
    const here = signing();
    await here.load();
    const { kid } = here.active();
    const isRevokedKey = (one: string) => one === kid;
    const issue = new IssueAccessToken(here, { isRevokedKey } as unknown as Revocations, config);
    await app.database.transaction(async (tx) => {
      const [, standby] = (await keys.lock(tx)).sort((a) => (a.kid === kid ? -1 : 1));
      await keys.remove(tx, kid);
      await keys.activate(tx, standby?.kid ?? '');
    });
    const token = await issue.execute({ id: 'ada', tenantId: 'default', roles: [] }, 's1');
    expect(token.kid).not.toBe(kid);
  });

  it('are read again when a token names one that this process has not heard of', async () => {
    const here = signing();
    await here.load();
    const others = Array<object>(5).fill({});
    const auth = new AuthService(...([...others, here] as unknown as AuthDependencies));
    const elsewhere = await make.execute();
    await test.pool.query(`DELETE FROM auth.signing_keys WHERE state = 'standby'`);
    await keys.insert(elsewhere, 'standby');
    const knows = async (wanted?: string) =>
      (await auth.publicKeys(wanted)).some(({ kid }) => kid === elsewhere.kid);
    expect([await knows(), await knows(elsewhere.kid)]).toEqual([false, true]);
  });

  it('never sign before everybody can know them', async () => {
    await age('active', 'activated_at', '90 days');
    await age('standby', 'created_at', '59 minutes');
    await keeper().execute();
    expect(await states()).toEqual(['active', 'standby']);
  });

  it('are known until the last token that they can have signed has ended', async () => {
    await age('active', 'activated_at', '31 days');
    await age('standby', 'created_at', '2 hours');
    await keeper().execute();
    await age('retired', 'retired_at', '24 hours');
    await keeper().execute();
    expect(await states()).toEqual(['active', 'retired', 'standby']);
    await age('retired', 'retired_at', '24 hours 2 minutes');
    await keeper().execute();
    expect(await states()).toEqual(['active', 'standby']);
  });

  it('are opened with the key before as well, while it is being replaced', async () => {
    const both = authConfig.schema.parse({
      keyEncryptionKey: 'n'.repeat(32),
      previousKeyEncryptionKey: 'k'.repeat(32),
    });
    await signing(new KeyEncryption(both)).load();
    await test.pool.query('DELETE FROM auth.signing_keys');
    make = new MakeKey(new KeyEncryption(both));
    await signing(new KeyEncryption(both)).load();
    await expect(signing().load()).rejects.toThrow(/AUTH_KEY_ENCRYPTION_KEY/);
    make = new MakeKey(new KeyEncryption(config));
  });

  it('say what to do when they were encrypted under another key', async () => {
    const other = authConfig.schema.parse({ keyEncryptionKey: 'o'.repeat(32) });
    await expect(signing(new KeyEncryption(other)).load()).rejects.toThrow(
      /AUTH_KEY_ENCRYPTION_KEY is not the one it was encrypted with/,
    );
  });
});
