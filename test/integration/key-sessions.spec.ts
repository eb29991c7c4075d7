import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PgAuditRepository } from '../../src/modules/auth/audit/audit.repository.js';
import { RecordAudit } from '../../src/modules/auth/audit/record-audit.js';
import { EndKeySessions } from '../../src/modules/auth/keys/end-key-sessions.js';
import { AnnounceRevocations } from '../../src/modules/auth/revocations/announce-revocations.js';
import { PgSessionsRepository } from '../../src/modules/auth/sessions/sessions.repository.js';
import type { Jobs } from '../../src/platform/jobs/jobs.js';
import type { Revocations } from '../../src/platform/security/revocations.js';
import { eventually } from '../support/client.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { instance, type Instance } from './support.js';

describe('the sessions of a revoked key', () => {
  let test: TestDatabase;
  let app: Instance;
  beforeAll(async () => {
    test = await createDatabase();
    app = await instance(test);
    test.beforeDrop(() => app.lifecycle.stop());
  });
  afterAll(() => test.drop());

  const open = async (): Promise<number> => {
    const { rows } = await test.pool.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM auth.sessions WHERE signed_by = 'stolen' AND ended_at IS NULL`,
    );
    return rows[0]?.count ?? 0;
  };

  it('end whatever others do with them meanwhile: those that are locked are waited for', async () => {
    const user = randomUUID();
    await test.pool.query(
      `INSERT INTO auth.users (id, tenant_id, email, email_key, username, username_key, display_name)
       VALUES ($1, 'default', 'a', 'a', 'a', 'a', 'a')`,
      [user],
    );
    await test.pool.query(
      `INSERT INTO auth.sessions (id, tenant_id, user_id, ip, device, expires_at, signed_by)
       SELECT uuidv7(n * interval '1 second'), 'default', $1, '127.0.0.1', 'a device', now() + interval '9 days',
         CASE n WHEN 0 THEN 'another' ELSE 'stolen' END
       FROM generate_series(0, 2500) n`,
      [user],
    );
    const { database, bus } = app;
    const audit = new RecordAudit(new PgAuditRepository(database));
    const sessions = new PgSessionsRepository(database);
    const announce = new AnnounceRevocations(bus, {
      catchUp: () => Promise.resolve(),
    } as Revocations);
    const ending = new EndKeySessions({} as Jobs, database, sessions, announce, audit);
    const busy = await test.pool.connect();
    await busy.query('BEGIN');
    await busy.query(
      `UPDATE auth.sessions SET last_used_at = now()
       WHERE id IN (SELECT id FROM auth.sessions WHERE signed_by = 'stolen' ORDER BY id OFFSET 10 LIMIT 2)`,
    );
    const job = ending.execute('stolen', new AbortController().signal);
    await eventually(async () => expect(await open()).toBe(2));
    await busy.query('COMMIT');
    busy.release();
    await job;
    expect(await open()).toBe(0);
    const { rows } = await test.pool.query(
      `SELECT count(DISTINCT session_id)::int AS told, count(*)::int AS lines FROM auth.audit_log WHERE event = 'session.ended'`,
    );
    expect(rows).toEqual([{ told: 2500, lines: 2500 }]);
    const others = `SELECT count(*)::int AS open FROM auth.sessions WHERE ended_at IS NULL`;
    expect((await test.pool.query(others)).rows).toEqual([{ open: 1 }]);
  });
});
