import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PgApiKeysRepository } from '../../src/modules/auth/api-keys/api-keys.repository.js';
import { authConfig } from '../../src/modules/auth/auth.config.js';
import { PgOneTimeTokensRepository } from '../../src/modules/auth/one-time-tokens/one-time-tokens.repository.js';
import { PruneOneTimeTokens } from '../../src/modules/auth/one-time-tokens/prune-one-time-tokens.js';
import { PgRevocationsRepository } from '../../src/modules/auth/revocations/revocations.repository.js';
import { PruneSessions } from '../../src/modules/auth/sessions/prune-sessions.js';
import { PgSessionsRepository } from '../../src/modules/auth/sessions/sessions.repository.js';
import { Housekeeping } from '../../src/platform/jobs/housekeeping.js';
import { EventLog } from '../../src/platform/messaging/event-log.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { byTheClock, messaging, openOn } from './support.js';

const DUE = 12_000;
const KEPT = 3;

/** By table: columns, and the values of row `n`, which is due where `due` holds. */
const rows: Record<string, [columns: string, values: string]> = {
  'auth.sessions': [
    'id, tenant_id, user_id, ip, device, expires_at',
    `gen_random_uuid(), 'default', $1, '::1', 'a', now() - CASE WHEN due THEN interval '25 hours' ELSE '23 hours' END`,
  ],
  'auth.revocations': [
    'kind, subject, expires_at',
    `'session', 's' || n, now() + CASE WHEN due THEN -interval '1 s' ELSE '1 hour' END`,
  ],
  'auth.one_time_tokens': [
    'hash, purpose, user_id, email, expires_at',
    `sha256(n::text::bytea), 'email', $1, 'a', now() + CASE WHEN due THEN -interval '1 s' ELSE '1 hour' END`,
  ],
  'auth.api_keys': [
    'id, tenant_id, user_id, name, hash, scopes, expires_at, revoked_at',
    `gen_random_uuid(), 'default', $1, 'a', sha256(n::text::bytea), '{}',
       now() + CASE WHEN due AND n % 2 = 0 THEN -interval '31 days' ELSE '1 hour' END,
       CASE WHEN due AND n % 2 = 1 THEN now() - interval '31 days' WHEN NOT due THEN now() - interval '29 days' END`,
  ],
  'platform.idempotency': [
    'id, fingerprint, answer, created_at',
    `sha256(n::text::bytea), '', '', now() - CASE WHEN due THEN interval '25 hours' ELSE '23 hours' END`,
  ],
  'platform.event_log': [
    'position, tenant_id, type, channels, data, at',
    `n, 'default', 'test', '{}', '{}', now() - CASE WHEN due THEN interval '25 hours' ELSE '23 hours' END`,
  ],
};

describe('a backlog of what is forgotten every hour', () => {
  let test: TestDatabase;
  let prune: () => Promise<void>;
  beforeAll(async () => {
    test = await createDatabase();
    const database = await openOn(test);
    const { jobs, run } = byTheClock();
    await new PruneSessions(
      jobs,
      new PgSessionsRepository(database),
      new PgRevocationsRepository(database),
      new PgApiKeysRepository(database),
      authConfig.schema.parse({}),
    ).onApplicationBootstrap();
    const tokens = new PgOneTimeTokensRepository(database);
    await new PruneOneTimeTokens(jobs, tokens).onApplicationBootstrap();
    const events = new EventLog(database);
    await new Housekeeping(jobs, events, database, messaging).onApplicationBootstrap();
    prune = run;
    await test.pool.query(`
      CREATE TABLE public.removed (relation text, count int);
      CREATE FUNCTION public.note_removed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO public.removed SELECT TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME, count(*) FROM gone;
        RETURN NULL;
      END $$`);
  });
  afterAll(() => test.drop());

  it.each(Object.entries(rows))('in %s goes, some thousands a statement', async (table, row) => {
    const [columns, values] = row;
    const user = randomUUID();
    await test.pool.query(
      `INSERT INTO auth.users (id, tenant_id, email, email_key, username, username_key, display_name)
       VALUES ($1, 'default', $2, $2, $2, $2, $2)`,
      [user, table],
    );
    await test.pool.query(
      `CREATE TRIGGER noted AFTER DELETE ON ${table} REFERENCING OLD TABLE AS gone
       FOR EACH STATEMENT EXECUTE FUNCTION public.note_removed()`,
    );
    // The user is named in every one, so that it is of a type.
    await test.pool.query(
      `INSERT INTO ${table} (${columns}) SELECT ${values}
       FROM (SELECT n, n <= ${DUE} AS due FROM generate_series(1, ${DUE + KEPT}) n WHERE $1::uuid IS NOT NULL) of`,
      [user],
    );
    await prune();
    const left = await test.pool.query(`SELECT count(*)::int AS left FROM ${table}`);
    expect(left.rows).toEqual([{ left: KEPT }]);
    const removed = await test.pool.query(
      `SELECT max(count) AS most, sum(count)::int AS all FROM public.removed WHERE relation = $1`,
      [table],
    );
    expect(removed.rows).toEqual([{ most: 5000, all: DUE }]);
  });
});
