import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PgAccountsRepository } from '../../src/modules/auth/accounts/accounts.repository.js';
import { PgAdminUsersRepository } from '../../src/modules/auth/admin/admin-users.repository.js';
import { hashApiKey, newApiKey } from '../../src/modules/auth/api-keys/api-key.js';
import { PgApiKeysRepository } from '../../src/modules/auth/api-keys/api-keys.repository.js';
import { PgAuditRepository } from '../../src/modules/auth/audit/audit.repository.js';
import { PgEmailsRepository } from '../../src/modules/auth/emails/emails.repository.js';
import { PgRecipientsRepository } from '../../src/modules/auth/mail/recipients.repository.js';
import { PgIdentitiesRepository } from '../../src/modules/auth/oauth/identities.repository.js';
import { PgPasswordsRepository } from '../../src/modules/auth/passwords/passwords.repository.js';
import type { Database } from '../../src/platform/database/database.js';
import type { Tx } from '../../src/platform/database/transaction.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { openOn } from './support.js';

class Undo extends Error {}

/** What a repository is asked, in the name of a tenant. */
type Ask = (tenantId: string, tx: Tx) => Promise<unknown>;

const [ada, gone, eve, key] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
const google = { provider: 'google', subject: 'ada at google' } as const;
const HASH = 'a hash';
const LAST = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

let test: TestDatabase;
let database: Database;

const accounts = () => new PgAccountsRepository(database);
const passwords = () => new PgPasswordsRepository(database);
const emails = new PgEmailsRepository();
const identities = () => new PgIdentitiesRepository(database);
const admins = () => new PgAdminUsersRepository(database);
const recipients = () => new PgRecipientsRepository(database);
const keys = () => new PgApiKeysRepository(database);
const audit = () => new PgAuditRepository(database);
const everybody = {};

const asked: Record<string, Ask> = {
  'accounts.findForLogin': (t) => accounts().findForLogin(t, 'ada'),
  'accounts.findForLogin by address': (t) => accounts().findForLogin(t, 'ada@example.com'),
  'accounts.findById': (t) => accounts().findById(t, ada),
  'accounts.lock': (t, tx) => accounts().lock(tx, t, ada),
  'accounts.restore': (t, tx) => accounts().restore(tx, t, gone),
  'accounts.findByUsername': (t) => accounts().findByUsername(t, 'ada'),
  'accounts.profilesByIds': (t) => accounts().profilesByIds(t, [ada]),
  'passwords.find': (t) => passwords().find(t, ada),
  'passwords.findNames': async (t) => (await passwords().findNames(t, ada)).username,
  'passwords.change': (t, tx) => passwords().change(tx, { tenantId: t, userId: ada }, HASH, 'b'),
  'passwords.reset': async (t, tx) => {
    const account = { tenantId: t, userId: ada };
    return (await passwords().reset(tx, account, 'ada@example.com', 'b')) !== undefined;
  },
  'emails.verify': (t, tx) => emails.verify(tx, { tenantId: t, userId: ada }, 'ada@example.com'),
  'emails.change': (t, tx) => emails.change(tx, { tenantId: t, userId: ada }, 'new@example.com'),
  'identities.findOwner': (t, tx) => identities().findOwner(tx, { tenantId: t, ...google }),
  'identities.findOwnerByEmail': (t, tx) => identities().findOwnerByEmail(tx, t, 'ada@example.com'),
  'identities.findOwnerById': (t, tx) => identities().findOwnerById(tx, t, ada),
  'identities.use': (t, tx) => identities().use(tx, { tenantId: t, ...google }, undefined),
  'adminUsers.list': async (t) => {
    const users = await admins().list(t, everybody, undefined, 100);
    return users.filter(({ id }) => id === ada);
  },
  'adminUsers.find': (t) => admins().find(t, ada),
  'adminUsers.lock': (t, tx) => admins().lock(tx, t, ada),
  'adminUsers.lockByEmail': (t, tx) => admins().lockByEmail(tx, t, 'ada@example.com'),
  'adminUsers.countAdmins': async (t, tx) => (await admins().countAdmins(tx, t)) > 0,
  'adminUsers.change': (t, tx) => {
    const state = { roles: ['user'], banned: true, banReason: null, deleted: false };
    return admins()
      .change(tx, t, ada, state)
      .catch(() => undefined);
  },
  'mailRecipients.byId': (t) => recipients().byId(t, ada),
  'mailRecipients.byEmail': (t) => recipients().byEmail(t, 'ada@example.com'),
  'apiKeys.lockOwner': (t, tx) => keys().lockOwner(tx, t, ada),
  'apiKeys.list': (t) => keys().list(t, ada, undefined, 10),
  'apiKeys.revoke': (t, tx) => keys().revoke(tx, t, ada, key),
  'audit.list': (t) => audit().list(t, {}, LAST, 10),
  'audit.ofSubject': (t) => audit().ofSubject(t, ada, undefined, 10),
};

describe('another tenant', () => {
  beforeAll(async () => {
    test = await createDatabase();
    database = await openOn(test);
    await test.pool.query(`INSERT INTO auth.tenants (id, name) VALUES ('acme', 'Acme')`);
    const insert = (id: string, tenant: string, name: string, roles: string, deleted: boolean) =>
      test.pool.query(
        `INSERT INTO auth.users (id, tenant_id, email, email_key, username, username_key, username_skeleton,
           display_name, roles, password_hash, deleted_at)
         VALUES ($1, $2, $3 || '@example.com', $3 || '@example.com', $3, $3, $3, $3, $4, $5,
           CASE WHEN $6 THEN now() END)`,
        [id, tenant, name, roles, HASH, deleted],
      );
    await insert(ada, 'default', 'ada', '{user,admin}', false);
    await insert(gone, 'default', 'gone', '{user}', true);
    await insert(eve, 'acme', 'eve', '{user}', false);
    await database.transaction((tx) => {
      const identity = {
        id: randomUUID(),
        tenantId: 'default',
        userId: ada,
        email: 'a@example.com',
      };
      return identities().insert(tx, { ...identity, ...google });
    });
    await test.pool.query(
      `INSERT INTO auth.api_keys (id, tenant_id, user_id, name, hash, scopes, expires_at)
       VALUES ($1, 'default', $2, 'a key', $3, '{posts:read}', now() + interval '1 day')`,
      [key, ada, hashApiKey(newApiKey())],
    );
    await audit().insert([
      {
        ...{ id: randomUUID(), tenantId: 'default', event: 'login', result: 'success' },
        ...{ actorId: ada, subjectId: ada, sessionId: null, ip: null, device: null },
        ...{ requestId: null, detail: {} },
      },
    ]);
  });
  afterAll(() => test.drop());

  /** Nothing of what is asked stays. */
  const answerTo = async (ask: Ask, tenantId: string): Promise<boolean> => {
    let answer: unknown;
    const asking = database.transaction(async (tx) => {
      answer = await ask(tenantId, tx);
      throw new Undo();
    });
    await expect(asking).rejects.toThrow(Undo);
    return Array.isArray(answer) ? answer.length > 0 : Boolean(answer);
  };

  it.each(Object.entries(asked))('is shown nothing by %s, and changes nothing', async (_, ask) => {
    expect(await answerTo(ask, 'default')).toBe(true);
    expect(await answerTo(ask, 'acme')).toBe(false);
  });

  it('has names and addresses of its own', async () => {
    const account = {
      ...{ tenantId: 'acme', displayName: 'New', passwordHash: null },
      ...{ id: randomUUID(), username: 'ada', email: 'ada@example.com' },
    };
    await database.transaction(async (tx) => {
      expect(await accounts().insert(tx, { ...account, email: 'eve@example.com' })).toEqual({
        conflict: { username: false, email: true, owner: eve },
      });
      expect(await emails.change(tx, { tenantId: 'acme', userId: eve }, 'ada@example.com')).toBe(
        true,
      );
      expect(await accounts().insert(tx, { ...account, email: 'new@example.com' })).toEqual({
        createdAt: expect.any(Date),
      });
    });
  });
});
