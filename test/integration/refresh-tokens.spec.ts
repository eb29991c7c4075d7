import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { authConfig } from '../../src/modules/auth/auth.config.js';
import { PgApiKeysRepository } from '../../src/modules/auth/api-keys/api-keys.repository.js';
import { PruneSessions } from '../../src/modules/auth/sessions/prune-sessions.js';
import { PgRevocationsRepository } from '../../src/modules/auth/revocations/revocations.repository.js';
import { PgSessionsRepository } from '../../src/modules/auth/sessions/sessions.repository.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { byTheClock, openOn } from './support.js';

describe('the refresh tokens of a session that goes on', () => {
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
      authConfig.schema.parse({ refreshTokenDays: 10 }),
    ).onApplicationBootstrap();
    prune = run;
  });
  afterAll(() => test.drop());

  it('are forgotten when they were replaced longer ago than a session lives without them', async () => {
    const [user, session] = [randomUUID(), randomUUID()];
    await test.pool.query(
      `INSERT INTO auth.users (id, tenant_id, email, email_key, username, username_key, display_name)
       VALUES ($1, 'default', $2, $2, $2, $2, $2)`,
      [user, user.slice(0, 8)],
    );
    await test.pool.query(
      `INSERT INTO auth.sessions (id, tenant_id, user_id, ip, device, expires_at)
       VALUES ($1, 'default', $2, '127.0.0.1', 'a device', now() + interval '10 days')`,
      [session, user],
    );
    /** @returns the hash of the first */
    const write = async (name: string, age: string | null, count = 1): Promise<string> => {
      await test.pool.query(
        `INSERT INTO auth.refresh_tokens (hash, session_id, replaced_at)
         SELECT sha256(($2 || ' ' || n)::bytea), $1, now() - $3::interval FROM generate_series(1, $4::int) n`,
        [session, name, age, count],
      );
      return createHash('sha256').update(`${name} 1`).digest('hex');
    };
    const kept = [
      await write('current', null),
      await write('just replaced', '1 minute'),
      await write('younger', '9 days 23 hours'),
    ];
    await write('older', '10 days 1 hour', 6000); // more than a batch
    await prune();
    const { rows } = await test.pool.query<{ hash: string }>(
      `SELECT encode(hash, 'hex') AS hash FROM auth.refresh_tokens`,
    );
    expect(rows.map(({ hash }) => hash).sort()).toEqual(kept.sort());
  });
});
